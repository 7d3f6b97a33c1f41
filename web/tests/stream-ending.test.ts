import { expect, test } from "vitest";
import { endingOf } from "../src/api/stream-ending";

test("a stream that was stopped is no error", () => {
  expect(endingOf(1000, "")).toEqual({ error: null, again: false });
});

test.each([
  [1006, ""],
  [1001, "shutting_down"],
  [1013, "overloaded"],
  [1011, "internal_error"],
  [1008, "stream_idle"],
])("after %i %s another try may succeed", (code, reason) => {
  const { error, again } = endingOf(code, reason);
  expect(error).not.toBeNull();
  expect(again).toBe(true);
});

test.each([
  [1008, "stream_too_long"],
  [1008, "unknown_model"],
  [1008, "consent_required"],
  [1003, "unsupported_media_type"],
])("after %i %s somebody must do something", (code, reason) => {
  const { error, again } = endingOf(code, reason);
  expect(error?.code).toBe(reason);
  expect(again).toBe(false);
});
