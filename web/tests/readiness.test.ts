import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chosenModel, models } from "../src/state/models";
import { watchReadiness } from "../src/state/readiness";

const READY_MS = 5000;
let registry: string[];
let loads: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("fetch", async (path: string) => {
    if (path === "/readyz") {
      const states = Object.fromEntries(registry.map((name) => [name, true]));
      return Response.json({ status: "ready", parts: {}, models: states, detector: "" });
    }
    loads += 1;
    return Response.json({ models: registry.map((name) => ({ name })) });
  });
  loads = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the list of models is loaded anew when the registry has changed, and only then", async () => {
  registry = ["one", "two"];
  watchReadiness();
  await vi.advanceTimersByTimeAsync(10 * READY_MS);
  expect(models.value.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(loads).toBe(1);

  registry = ["two", "three"];
  await vi.advanceTimersByTimeAsync(10 * READY_MS);
  expect(models.value.map(({ name }) => name)).toEqual(["two", "three"]);
  expect(chosenModel.value?.name).toBe("two");
  expect(loads).toBe(2);
});
