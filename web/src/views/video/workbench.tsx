/** The chosen video: its picture, its options or progress, and what was found in it. */

import { type Signal, useSignal } from "@preact/signals";
import { CircleSlash } from "lucide-preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError } from "../../api/problems";
import type { VideoFace } from "../../api/schema";
import { ErrorNotice } from "../../parts/error-notice";
import { FacesNow } from "../../parts/faces-now";
import { AnnotatedOffer } from "./annotated-offer";
import { facesAt } from "./faces-at";
import { VideoOptions } from "./options";
import { Player, type Source } from "./player";
import { Progress } from "./progress";
import { Results } from "./results";
import { analyse, type ChosenVideo, isBusy, type Step, step } from "./work";

export function Workbench({ chosen }: { chosen: ChosenVideo }) {
  const time = useSignal(0);
  const wanted = useSignal<{ seconds: number } | null>(null);
  const [duration, setDuration] = useState<number | null>(null);
  const [playable, setPlayable] = useState(true);
  const [annotated, setAnnotated] = useState<Source | null>(null);
  const now = step.value;
  useEffect(() => () => revoke(annotated), [annotated]);
  const done = now.kind === "done" ? now : null;
  const faces = useMemo(() => done && facesOf(done), [done?.results]);
  const source = annotated ?? (playable ? { url: chosen.url, offset: 0 } : null);
  const { name } = chosen.file;
  const noVideo = isNoVideo(now);

  return (
    <div class="workbench">
      <div class="bench">
        {source ? (
          <Player
            key={source.url}
            source={source}
            name={name}
            faces={annotated ? null : faces}
            time={time}
            wanted={wanted}
            onDuration={setDuration}
            onUnplayable={() => (annotated ? setAnnotated(null) : setPlayable(false))}
          />
        ) : (
          <Unplayable name={name} noVideo={noVideo} />
        )}
        <div class="side">
          <p class="file-name">
            <strong>{name}</strong> <span class="muted">{size(chosen.file.size)}</span>
          </p>
          {!playable && !annotated && !noVideo && (
            <AnnotatedOffer step={now} onOffer={setAnnotated} />
          )}
          {annotated && <p class="muted">This is the annotated video that the server made.</p>}
          <Told step={now} />
          {faces && !annotated && <FacesAt faces={faces} time={time} />}
          <Progress step={now} />
          {/* Hidden, not gone: what was chosen stays chosen. */}
          <div hidden={isBusy.value || noVideo}>
            <VideoOptions
              action={now.kind === "chosen" ? "Analyse the video" : "Analyse again"}
              duration={duration}
              onSend={(choices) => {
                setAnnotated(null);
                void analyse(choices);
              }}
            />
          </div>
        </div>
      </div>
      {done && (
        <Results
          job={done.job}
          results={done.results}
          deleted={done.deleted}
          fileName={name}
          range={rangeOf(done, duration)}
          time={time}
          onSeek={(seconds) => {
            wanted.value = { seconds };
          }}
        />
      )}
    </div>
  );
}

function revoke(source: Source | null): void {
  if (source?.url.startsWith("blob:")) {
    URL.revokeObjectURL(source.url);
  }
}

type FacesOf = (seconds: number) => VideoFace[];

function FacesAt({ faces, time }: { faces: FacesOf; time: Signal<number> }) {
  return <FacesNow faces={faces(time.value)} />;
}

type Done = Extract<Step, { kind: "done" }>;

function facesOf({ results, job }: Done): FacesOf {
  const times = results.frames.map((frame) => frame.time_seconds);
  const interval = 1 / job.options.sample_rate;
  return (seconds: number) => facesAt(results.frames, times, seconds, interval);
}

/** The stretch that was analysed. */
function rangeOf({ results, job }: Done, duration: number | null): [number, number] {
  const { start, end } = job.options;
  const last = results.frames.at(-1)?.time_seconds ?? start;
  const until = Math.min(end ?? Number.POSITIVE_INFINITY, duration ?? last);
  return [start, Math.max(until, last, start + 0.1)];
}

function Told({ step }: { step: Step }) {
  if (step.kind === "failed") {
    return <ErrorNotice error={step.error} />;
  }
  if (step.kind === "cancelled") {
    return (
      <p class="notice" role="status">
        Cancelled. Nothing of it is kept on the server.
      </p>
    );
  }
  if (step.kind === "done") {
    const { done, unreadable } = step.job.frames;
    return (
      <p class="finished" role="status">
        Analysed: {done} frames{unreadable > 0 ? `, ${unreadable} more could not be read` : ""}.
      </p>
    );
  }
  return null;
}

function Unplayable({ name, noVideo }: { name: string; noVideo: boolean }) {
  return (
    <div class="stage unplayable">
      <CircleSlash aria-hidden="true" />
      <p>
        <strong>This browser cannot play {name}.</strong>
        {noVideo ? "" : " If it is a video, it can be analysed all the same."}
      </p>
    </div>
  );
}

/** Whether the file itself is what is wrong: then nothing helps but another one. */
function isNoVideo(step: Step): boolean {
  return (
    step.kind === "failed" &&
    step.error instanceof ApiError &&
    ["unsupported_video", "unreadable_video"].includes(step.error.code)
  );
}

function size(bytes: number): string {
  const megabytes = bytes / 1e6;
  return megabytes < 1 ? `${Math.ceil(bytes / 1000)} kB` : `${megabytes.toFixed(1)} MB`;
}
