import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ApiError, errorOf } from "../src/api/problems";
import type { Readiness } from "../src/api/schema";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
const { readiness } = await import("../src/state/readiness");
const { untilAnswered, waitSeconds } = await import("../src/state/retrying");

const MODEL = "fer2013-squeezenet-pytorch";
const away = (seconds: number | null) => errorOf("model_server_unavailable", "Away", "", seconds);
const ready = (up: boolean): Readiness => ({
  status: "ready",
  parts: {},
  models: { [MODEL]: up },
  detector: "",
});

/** A gateway that fails a few times before it answers. */
function failing(errors: Error[]) {
  const asked: number[] = [];
  return {
    asked,
    ask: async () => {
      asked.push(Date.now());
      const error = errors.shift();
      if (error) {
        throw error;
      }
      return "answer";
    },
  };
}

const patience = () => {
  const aborting = new AbortController();
  const waits: ApiError[] = [];
  const onWait = (error: ApiError) => waits.push(error);
  return { aborting, waits, with: { model: MODEL, signal: aborting.signal, onWait } };
};

beforeEach(() => {
  vi.useFakeTimers();
  readiness.value = ready(true);
});
afterEach(() => vi.useRealTimers());

test("it asks again after the time that was named, not sooner", async () => {
  const gateway = failing([away(5)]);
  const { with: options, waits } = patience();
  const answer = untilAnswered(gateway.ask, options);
  await vi.advanceTimersByTimeAsync(4900);
  expect(gateway.asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await answer).toBe("answer");
  expect(waits).toHaveLength(1);
});

test("it waits on until the model's server is back", async () => {
  const gateway = failing([away(1)]);
  const answer = untilAnswered(gateway.ask, patience().with);
  readiness.value = "away";
  await vi.advanceTimersByTimeAsync(60_000);
  readiness.value = ready(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gateway.asked).toHaveLength(1);
  readiness.value = ready(true);
  expect(await answer).toBe("answer");
});

test("what waiting does not cure is thrown at once", async () => {
  const gateway = failing([errorOf("unreadable_image", "Unreadable", "")]);
  await expect(untilAnswered(gateway.ask, patience().with)).rejects.toThrow("Unreadable");
});

test.each(["while pausing", "while away"])("aborting ends the waiting (%s)", async (when) => {
  const gateway = failing([away(1), away(1)]);
  const { aborting, with: options } = patience();
  const outcome = untilAnswered(gateway.ask, options).catch((reason) => reason);
  await vi.advanceTimersByTimeAsync(100);
  if (when === "while away") {
    readiness.value = "away";
    await vi.advanceTimersByTimeAsync(5000);
  }
  aborting.abort("gone");
  expect(await outcome).toBe("gone");
  expect(gateway.asked).toHaveLength(1);
});

test("failures one after the other are asked less and less often", () => {
  expect([0, 1, 2, 3, 4, 9].map((attempt) => waitSeconds(away(1), attempt))).toEqual([
    1, 2, 4, 8, 15, 15,
  ]);
  expect(waitSeconds(away(40), 9)).toBe(40);
  expect(waitSeconds(away(null), 0)).toBeNull();
  expect(waitSeconds(new Error("a fault of the page"), 0)).toBeNull();
});
