import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deleteVideo, followVideo } from "../src/api/videos";

/** A response that goes on for as long as the test says; aborting the request breaks it off. */
interface Line {
  say: (text: string) => void;
  aborted: () => boolean;
}

let lines: Line[];
let refuse = false;

function connect(_: string, { signal }: { signal: AbortSignal }): Promise<Response> {
  if (refuse) {
    return new Promise((_, reject) => {
      lines.push({ say: () => undefined, aborted: () => signal.aborted });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      signal.addEventListener("abort", () => controller.error(signal.reason));
      const say = (text: string) => controller.enqueue(new TextEncoder().encode(text));
      lines.push({ say, aborted: () => signal.aborted });
    },
  });
  return Promise.resolve(new Response(body));
}

const event = (name: string, job: unknown) => `event: ${name}\ndata: ${JSON.stringify(job)}\n\n`;
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", connect);
  lines = [];
  refuse = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function follow() {
  const ending = new AbortController();
  const jobs: unknown[] = [];
  const following = (async () => {
    for await (const job of followVideo("id", ending.signal)) {
      jobs.push(job);
    }
  })();
  following.catch(() => undefined);
  return { ending, jobs, following };
}

test("a job is followed for as long as there are signs of life", async () => {
  const { jobs, following } = follow();
  await seconds(0);
  lines[0]?.say(event("progress", { progress: 0.5 }));
  for (let beat = 0; beat < 60; beat += 1) {
    await seconds(20);
    lines[0]?.say(": ping\n\n");
  }
  lines[0]?.say(event("end", { progress: 1 }));
  await following;
  expect(jobs).toEqual([{ progress: 0.5 }, { progress: 1 }]);
  expect(lines).toHaveLength(1);
  await seconds(3600);
  expect(lines[0]?.aborted()).toBe(false); // nothing is left that would
});

test.each(["before the answer", "within it"])(
  "a line that falls silent %s is left",
  async (when) => {
    refuse = when === "before the answer";
    const { jobs, following } = follow();
    await seconds(20);
    expect(lines).toHaveLength(1);
    refuse = false;
    await seconds(20);
    expect(lines[0]?.aborted()).toBe(true);
    lines[1]?.say(event("end", { progress: 1 }));
    await following;
    expect(jobs).toEqual([{ progress: 1 }]);
  },
);

test("who does not want to know any more is not told, silent as it is", async () => {
  const { ending, following } = follow();
  await seconds(20);
  ending.abort("cancelled");
  await expect(following).rejects.toBe("cancelled");
  await seconds(3600);
  expect(lines).toHaveLength(1);
});

test("what is not there any more need not be deleted", async () => {
  const answer = (code: string) => async () =>
    new Response(JSON.stringify({ code, title: "", detail: "" }), { status: 404 });
  vi.stubGlobal("fetch", answer("unknown_video"));
  await deleteVideo("id");
  vi.stubGlobal("fetch", answer("not_found"));
  await expect(deleteVideo("id")).rejects.toMatchObject({ code: "not_found" });
});
