/** How far a video has come: sent, waiting, analysed. */

import { X } from "lucide-preact";
import { percent } from "../../labels";
import { cancel, type Step } from "./work";

export function Progress({ step }: { step: Step }) {
  if (step.kind !== "uploading" && step.kind !== "working") {
    return null;
  }
  const { name, share, words } = told(step);
  return (
    <section class="progress" aria-label="Progress">
      <div>
        <p>
          <strong>{name}</strong> <span class="muted">{words}</span>
        </p>
        <progress aria-label={name} max="1" {...(share === null ? {} : { value: share })} />
      </div>
      <button type="button" class="secondary outline" onClick={() => void cancel()}>
        <X size={16} aria-hidden="true" /> Cancel
      </button>
    </section>
  );
}

type Busy = Extract<Step, { kind: "uploading" | "working" }>;

function told(step: Busy): { name: string; share: number | null; words: string } {
  if (step.kind === "uploading") {
    return { name: "Sending the video", share: step.share, words: percent(step.share) };
  }
  const { state, progress, frames } = step.job;
  if (state === "QUEUED") {
    return { name: "Waiting for a worker", share: null, words: "other videos are before it" };
  }
  if (frames.expected === 0) {
    return { name: "Analysing the video", share: null, words: "looking at the first frames" };
  }
  const words = `${percent(progress)}, ${frames.done} of about ${frames.expected} frames`;
  return { name: "Analysing the video", share: progress, words };
}
