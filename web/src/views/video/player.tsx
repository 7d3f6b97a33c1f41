/** Plays a video with the boxes in step. */

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { VideoFace } from "../../api/schema";
import { paintBoxes } from "../../parts/box-painter";
import { onVideoFrames } from "../../parts/video-frames";

/** What is played, and where its first frame lies in the video that was sent, in seconds. */
export interface Source {
  url: string;
  offset: number;
}

interface Properties {
  source: Source;
  name: string;
  /** The faces at a time in seconds; null where none are painted. */
  faces: ((seconds: number) => VideoFace[]) | null;
  /** Where the playback is, in seconds of the video that was sent. */
  time: Signal<number>;
  /** Where it should go; each value is sought once. */
  wanted: Signal<{ seconds: number } | null>;
  onDuration: (seconds: number) => void;
  onUnplayable: () => void;
}

export function Player({ source, name, faces, time, wanted, ...heard }: Properties) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { offset } = source;

  useEffect(() => {
    const [shown, over] = [video.current, canvas.current];
    if (!shown || !over) {
      return;
    }
    const paint = (seconds: number) => {
      const extent = { width: shown.videoWidth || 1, height: shown.videoHeight || 1 };
      paintBoxes(over, faces?.(seconds) ?? [], extent);
    };
    const stop = onVideoFrames(shown, (seconds) => {
      time.value = seconds + offset;
      paint(seconds + offset);
    });
    const resized = new ResizeObserver(() => paint(time.value));
    resized.observe(over);
    return () => {
      stop();
      resized.disconnect();
    };
  }, [faces, offset, time]);

  useEffect(
    () =>
      wanted.subscribe((target) => {
        if (target && video.current) {
          video.current.currentTime = Math.max(0, target.seconds - offset);
          time.value = target.seconds;
          wanted.value = null;
        }
      }),
    [wanted, time, offset],
  );

  return (
    <div class="stage">
      <video
        ref={video}
        src={source.url}
        controls
        playsInline
        muted
        preload="auto"
        aria-label={name}
        onLoadedMetadata={({ currentTarget }) => {
          if (currentTarget.videoWidth === 0) {
            heard.onUnplayable(); // it has sound, but no picture that this browser knows
          } else if (Number.isFinite(currentTarget.duration)) {
            heard.onDuration(currentTarget.duration);
          }
        }}
        onError={heard.onUnplayable}
      />
      <canvas ref={canvas} />
    </div>
  );
}
