import { expect, test } from "vitest";
import { problemOf } from "../src/api/problems";

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
