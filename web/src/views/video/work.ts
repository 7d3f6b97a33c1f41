/** The video of this visit and what becomes of it; it goes on while another view is looked at. */

import { computed, signal } from "@preact/signals";
import { errorOf } from "../../api/problems";
import type { VideoJob, VideoResults } from "../../api/schema";
import {
  deleteVideo,
  followVideo,
  uploadVideo,
  type VideoChoices,
  videoResults,
} from "../../api/videos";

/** A file that was chosen; nothing has been sent yet. */
export interface ChosenVideo {
  readonly file: File;
  /** An object URL, revoked when another file is chosen. */
  readonly url: string;
}

/** How far the chosen video has come. */
export type Step =
  | { kind: "chosen" }
  | { kind: "uploading"; share: number }
  | { kind: "working"; job: VideoJob }
  | { kind: "done"; job: VideoJob; results: VideoResults; deleted: boolean }
  | { kind: "cancelled" }
  | { kind: "failed"; error: unknown };

export const chosenVideo = signal<ChosenVideo | null>(null);
export const step = signal<Step>({ kind: "chosen" });

/** Whether something is under way that can be cancelled. */
export const isBusy = computed(
  () => step.value.kind === "uploading" || step.value.kind === "working",
);

let running: AbortController | null = null;
let jobId: string | null = null;

/** Look at another file; what was under way with the one before ends, here and on the server. */
export function chooseVideo(file: File): void {
  if (isBusy.value) {
    void cancel();
  }
  if (chosenVideo.value) {
    URL.revokeObjectURL(chosenVideo.value.url);
  }
  chosenVideo.value = { file, url: URL.createObjectURL(file) };
  step.value = { kind: "chosen" };
}

/** Send the chosen video and follow its job to the end. */
export async function analyse(choices: VideoChoices): Promise<void> {
  const chosen = chosenVideo.value;
  if (!chosen || isBusy.value) {
    return;
  }
  const ending = new AbortController();
  running = ending;
  jobId = null;
  step.value = { kind: "uploading", share: 0 };
  const show = (next: Step) => {
    if (!ending.signal.aborted) {
      step.value = next;
    }
  };
  try {
    const onProgress = (share: number) => show({ kind: "uploading", share });
    const sent = await uploadVideo(chosen.file, choices, onProgress, ending.signal);
    if (ending.signal.aborted) {
      await deleteVideo(sent.id); // cancelled while the answer was on its way
      return;
    }
    jobId = sent.id;
    show({ kind: "working", job: sent });
    for await (const job of followVideo(sent.id, ending.signal)) {
      show(job.state === "SUCCEEDED" ? await finished(job, ending.signal) : stepOf(job));
    }
  } catch (error) {
    show({ kind: "failed", error });
  }
}

/** End what is under way, and delete what the server has of it. */
export async function cancel(): Promise<void> {
  const id = jobId;
  running?.abort();
  const cancelled: Step = { kind: "cancelled" };
  step.value = cancelled;
  if (id) {
    await deleteVideo(id).catch((error) => replace(cancelled, { kind: "failed", error }));
  }
}

/** Delete the job and its results on the server; throws ApiError. */
export async function forget(): Promise<void> {
  const now = step.value;
  if (now.kind === "done") {
    await deleteVideo(now.job.id);
    replace(now, { ...now, deleted: true });
  }
}

// What comes late is not said of the next video.
function replace(before: Step, next: Step): void {
  if (step.value === before) {
    step.value = next;
  }
}

async function finished(job: VideoJob, signal: AbortSignal): Promise<Step> {
  return { kind: "done", job, results: await videoResults(job.id, signal), deleted: false };
}

function stepOf(job: VideoJob): Step {
  if (job.state === "CANCELLED") {
    return { kind: "cancelled" };
  }
  if (job.state === "FAILED") {
    const { code, detail } = job.problem ?? { code: "internal_error", detail: "" };
    return {
      kind: "failed",
      error: errorOf(code, "The video could not be analysed", detail),
    };
  }
  return { kind: "working", job };
}
