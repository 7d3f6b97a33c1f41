/** Where the browser cannot play a file: the annotated MP4 that the server made of it. */

import { Play } from "lucide-preact";
import { useState } from "preact/hooks";
import { apiKey } from "../../api/key";
import { videoFile, videoFileAddress } from "../../api/videos";
import { ErrorNotice } from "../../parts/error-notice";
import type { Source } from "./player";
import type { Step } from "./work";

interface Properties {
  step: Step;
  onOffer: (source: Source) => void;
}

export function AnnotatedOffer({ step, onOffer }: Properties) {
  const [error, setError] = useState<unknown>(null);
  if (step.kind !== "done" || step.deleted) {
    return <p class="muted">Once it is analysed, the annotated MP4 can be watched here instead.</p>;
  }
  const { id, options } = step.job;
  if (!options.annotate) {
    return (
      <p class="muted">
        To watch it here, analyse it again with “Make an annotated MP4, too” among the options.
      </p>
    );
  }
  const watch = async () => {
    try {
      onOffer({ url: await playable(id), offset: options.start });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void watch()}>
        <Play size={16} aria-hidden="true" /> Watch the annotated video
      </button>
      {error !== null && <ErrorNotice error={error} />}
    </>
  );
}

// A video element sends no header: where there is a key, the file is fetched whole.
async function playable(id: string): Promise<string> {
  return apiKey.value
    ? URL.createObjectURL(await videoFile(id, "annotated.mp4"))
    : videoFileAddress(id, "annotated.mp4");
}
