import { expect, test } from "vitest";
import { errorOf, problemOf } from "../src/api/problems";

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

test("a problem document becomes words with advice", async () => {
  const document = {
    code: "overloaded",
    title: "Overloaded",
    detail: "Too much to do",
    request_id: "abc",
  };
  const error = await problemOf(answer(503, document, { "Retry-After": "3" }));
  expect(error).toMatchObject({ code: "overloaded", retryAfter: 3, requestId: "abc" });
  expect(error.advice).toContain("Wait");
});

test("what is no problem document is told by its status", async () => {
  const error = await problemOf(new Response("<html>", { status: 502 }));
  expect(error.code).toBe("unexpected_answer");
  expect(error.detail).toContain("502");
  expect(error.retryAfter).toBeNull();
});

test.each([
  [
    "unsupported_media_type",
    "This is no picture: send a JPEG, PNG, WebP or BMP",
    "This is no picture",
  ],
  ["too_many_pixels", "It has too many pixels: scale it down", "It has too many pixels"],
  ["video_too_large", "It is large: cut it, or compress it more", "It is large"],
  ["too_many_frames", "Too many: lower `sample_rate`, or ask for less", "Too many"],
  ["unauthenticated", "No key: send one as `Authorization: Bearer <key>`", "No key"],
  ["overloaded", "The gateway is busy: try again in a moment", "The gateway is busy"],
  ["no_card", "It has no card here: ask the operator for it", "It has no card here"],
  ["unknown_video", "No video: it was deleted or expired", "No video: it was deleted or expired"],
  ["a_new_code", "Something is wrong: send another one", "Something is wrong: send another one"],
])("%s is told with one advice, the page's where it has one", (code, detail, told) => {
  expect(errorOf(code, "", detail).detail).toBe(told);
});
