import { afterEach, expect, test, vi } from "vitest";
import { askJson } from "../src/api/ask";
import { modelCard } from "../src/api/calls";
import { videoFile } from "../src/api/videos";

afterEach(() => vi.unstubAllGlobals());

/** A gateway whose answer begins well, and then meets what `start` does. */
function answerWith(start: (controller: ReadableStreamDefaultController<Uint8Array>) => void) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"faces": ['));
      start(controller);
    },
  });
  vi.stubGlobal("fetch", async () => new Response(body));
}

const lost = new TypeError("network error");
const late = new DOMException("too late", "TimeoutError");

test.each([
  ["is cut off", () => answerWith((body) => body.close())],
  ["ends with the connection", () => answerWith((body) => body.error(lost))],
  ["comes too late", () => answerWith((body) => body.error(late))],
])("a body that %s is an error after which to ask again", async (_, arrange) => {
  arrange();
  await expect(askJson("/")).rejects.toMatchObject({ name: "ApiError", retryAfter: 2 });
});

test.each([
  ["text", () => modelCard("any")],
  ["file", () => videoFile("any", "timeline.csv")],
])("so is that of a %s", async (_, ask) => {
  answerWith((body) => body.error(lost));
  await expect(ask()).rejects.toMatchObject({ name: "ApiError", retryAfter: 2 });
});

test("who has given up gets the reason, within the body, too", async () => {
  const asking = new AbortController();
  answerWith((body) => asking.signal.addEventListener("abort", () => body.error(lost)));
  const answer = askJson("/", { signal: asking.signal });
  await Promise.resolve();
  asking.abort("another picture");
  await expect(answer).rejects.toBe("another picture");
});
