import { afterEach, beforeEach, expect, test, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
const { analysisOf, keepAnalysing } = await import("../src/state/analyses");
const { chooseModel, models } = await import("../src/state/models");
const { addPictures, choosePicture, pictures, removePicture } = await import(
  "../src/state/pictures"
);

interface Asked {
  url: string;
  signal: AbortSignal;
  answer: (status: number, body: unknown) => void;
}

let asked: Asked[];
let stop: () => void;
const file = (name: string) => new File(["picture"], name);
const analysis = { faces: [{}], model: { name: "one-pytorch" } };
const settled = () => new Promise((resolve) => setTimeout(resolve));
const at = (place: number) => asked[place] as Asked;
const picture = (place: number) => pictures.value[place] as (typeof pictures.value)[number];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (url: string, { signal }: { signal: AbortSignal }) => {
    return new Promise<Response>((resolve, reject) => {
      const answer = (status: number, body: unknown) =>
        resolve(new Response(JSON.stringify(body), { status }));
      signal.addEventListener("abort", () => reject(signal.reason));
      asked.push({ url, signal, answer });
    });
  });
  models.value = ["one-pytorch", "one-tensorflow"].map((name) => ({ name }) as never);
  chooseModel("one-pytorch");
  stop = keepAnalysing();
});
afterEach(() => {
  stop();
  for (const { id } of [...pictures.value]) {
    removePicture(id);
  }
});

test("three pictures are asked for at a time", async () => {
  addPictures(["a", "b", "c", "d", "e"].map(file));
  expect(asked).toHaveLength(3);
  expect(analysisOf(picture(3)).state).toBe("waiting");
  at(0).answer(200, analysis);
  await settled();
  expect(asked).toHaveLength(4);
  expect(analysisOf(picture(0))).toMatchObject({ state: "done", analysis });
});

test("the picture that is looked at comes first", async () => {
  addPictures(["a", "b", "c", "d", "e"].map(file));
  choosePicture(picture(4).id);
  at(0).answer(200, analysis);
  await settled();
  expect(analysisOf(picture(4)).state).toBe("analysing");
  expect(analysisOf(picture(3)).state).toBe("waiting");
});

test("a picture that is removed is not waited for", () => {
  addPictures(["a", "b"].map(file));
  removePicture(picture(0).id);
  expect(at(0).signal.aborted).toBe(true);
  expect(at(1).signal.aborted).toBe(false);
});

test("another model is asked anew, and the last answer stays meanwhile", async () => {
  addPictures([file("a")]);
  at(0).answer(200, analysis);
  await settled();
  chooseModel("one-tensorflow");
  expect(at(1).url).toContain("one-tensorflow");
  expect(analysisOf(picture(0))).toMatchObject({ state: "analysing", analysis });
});

test("a change of the model gives up what was under way", () => {
  addPictures([file("a")]);
  chooseModel("one-tensorflow");
  expect(at(0).signal.aborted).toBe(true);
  expect(at(1).url).toContain("one-tensorflow");
});

test("a refused picture fails with its reason, and the others go on", async () => {
  addPictures(["a", "b", "c", "d"].map(file));
  at(0).answer(422, { code: "unreadable_image", title: "Unreadable", detail: "cut off" });
  await settled();
  expect(analysisOf(picture(0)).state).toBe("failed");
  expect(asked).toHaveLength(4);
});
