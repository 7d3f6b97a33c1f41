import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { errorOf } from "../src/api/problems";
import { addPictures, type Picture, pictures, removePicture } from "../src/state/pictures";
import { fitted, rewritten, send } from "../src/state/sendable";

const picture = (bytes = 10): Picture => {
  addPictures([new File([new Uint8Array(bytes)], "a.jpg")]);
  return pictures.value[0] as Picture;
};
const SMALLER = new Blob(["smaller"]);
let decoded: number;

/** A browser that reads pictures of that size. */
function browserThatReads(width: number, height: number): void {
  vi.stubGlobal("createImageBitmap", async () => {
    decoded += 1;
    return { width, height, close: () => undefined };
  });
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      getContext = () => ({ fillRect: () => undefined, drawImage: () => undefined });
      convertToBlob = async () => SMALLER;
    },
  );
}

beforeEach(() => {
  decoded = 0;
});
afterEach(() => {
  for (const { id } of [...pictures.value]) {
    removePicture(id);
  }
  vi.unstubAllGlobals();
});

test("a file that is taken goes as it is", async () => {
  const one = picture();
  expect(await send(one, async (body) => body)).toBe(one.file);
  expect(rewritten.value.size).toBe(0);
});

test("one beyond the limit goes smaller at once, and is decoded once for all who ask", async () => {
  browserThatReads(5200, 2600);
  const one = picture(10_000_001);
  const bodies = await Promise.all([1, 2].map(() => send(one, async (body) => body)));
  expect(bodies).toEqual([SMALLER, SMALLER]);
  expect(decoded).toBe(1);
  expect(rewritten.value.get(one.id)).toMatchObject({ width: 2560, height: 1280, reason: "size" });
});

test.each([
  ["too_many_pixels", "size"],
  ["image_too_large", "size"],
  ["unsupported_media_type", "format"],
])("what is refused as %s is tried again as a JPEG", async (code, reason) => {
  browserThatReads(800, 600);
  const one = picture();
  const ask = async (body: Blob) => {
    if (body === one.file) {
      throw errorOf(code, "Refused", "");
    }
    return body;
  };
  expect(await send(one, ask)).toBe(SMALLER);
  expect(rewritten.value.get(one.id)?.reason).toBe(reason);
  removePicture(one.id);
  expect(rewritten.value.size).toBe(0);
});

test("what the browser cannot read either keeps the gateway's own error", async () => {
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no picture")));
  const refuse = () => Promise.reject(errorOf("unsupported_media_type", "No picture", ""));
  await expect(send(picture(), refuse)).rejects.toThrow("No picture");
});

test("pictures are made smaller in their shape, never larger", () => {
  expect(fitted(5120, 2560)).toEqual({ width: 2560, height: 1280 });
  expect(fitted(100, 4000)).toEqual({ width: 64, height: 2560 });
  expect(fitted(640, 480)).toEqual({ width: 640, height: 480 });
});
