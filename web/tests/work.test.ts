import { beforeEach, expect, test, vi } from "vitest";
import { errorOf } from "../src/api/problems";
import * as videos from "../src/api/videos";
import { analyse, cancel, chooseVideo, forget, step } from "../src/views/video/work";

vi.mock("../src/api/videos");

const choices = { model: "any", sampleRate: 5, start: 0, end: null, annotate: false };
const job = (id: string, state = "RUNNING") => ({ id, state }) as never;
const settled = () => new Promise((resolve) => setTimeout(resolve));
const never = new Promise<never>(() => undefined);
let deletion: { resolve: () => void; reject: (error: Error) => void };

/** A video whose job is in a state for good. */
async function working(id: string, state?: string): Promise<void> {
  vi.mocked(videos.uploadVideo).mockResolvedValueOnce(job(id));
  vi.mocked(videos.followVideo).mockImplementationOnce(async function* () {
    yield job(id, state);
    await never;
  });
  chooseVideo(new File(["video"], `${id}.mp4`));
  void analyse(choices);
  await settled();
}

beforeEach(() => {
  vi.mocked(videos.deleteVideo).mockImplementation(
    () =>
      new Promise((resolve, reject) => {
        deletion = { resolve, reject };
      }),
  );
  vi.mocked(videos.videoResults).mockResolvedValue({ frames: [], labels: [] } as never);
});

test("a deletion that fails late is not told of the next video", async () => {
  await working("one");
  await working("two");
  expect(videos.deleteVideo).toHaveBeenLastCalledWith("one");
  deletion.reject(errorOf("job_store_unavailable", "Away", ""));
  await settled();
  expect(step.value).toEqual({ kind: "working", job: job("two") });
});

test("a deletion that succeeds late is not told of the next video", async () => {
  await working("one", "SUCCEEDED");
  const forgetting = forget();
  await working("two");
  deletion.resolve();
  await forgetting;
  expect(step.value).toEqual({ kind: "working", job: job("two") });
});

test("a cancelled job that cannot be deleted is told of", async () => {
  await working("one");
  const cancelling = cancel();
  expect(step.value).toEqual({ kind: "cancelled" });
  deletion.reject(errorOf("job_store_unavailable", "Away", ""));
  await cancelling;
  expect(step.value).toMatchObject({ kind: "failed", error: { code: "job_store_unavailable" } });
});
