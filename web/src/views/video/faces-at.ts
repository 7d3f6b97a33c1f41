/** The faces of a video at any time, from those of the frames that were analysed. */

import type { VideoFace, VideoFrame } from "../../api/schema";
import { indexAt } from "../../charts/series";

/** A face that is away for longer than so many intervals of the sampling is gone. */
export const GAP_INTERVALS = 2.5;

/**
 * The faces at a time in seconds: labels of the frame before, boxes between it and the next.
 *
 * `frames` rise in time; `interval` is the pause between two of them, in seconds.
 */
export function facesAt(
  frames: readonly VideoFrame[],
  times: readonly number[],
  seconds: number,
  interval: number,
): VideoFace[] {
  const index = indexAt(times, seconds);
  const now = frames[index];
  // Half an interval early is the first frame's time, too; long after a frame nothing is known.
  if (!now || seconds < now.time_seconds - interval / 2 || seconds > lastSeen(now, interval)) {
    return [];
  }
  const next = frames[index + 1];
  if (!next || next.time_seconds > lastSeen(now, interval)) {
    return now.faces;
  }
  const share = (seconds - now.time_seconds) / (next.time_seconds - now.time_seconds);
  const following = new Map(next.faces.map((face) => [face.track, face]));
  return now.faces.map((face) => {
    const later = following.get(face.track);
    return later ? { ...face, box: between(face.box, later.box, clamp(share)) } : face;
  });
}

const lastSeen = (frame: VideoFrame, interval: number) =>
  frame.time_seconds + GAP_INTERVALS * interval;

const clamp = (share: number) => Math.min(1, Math.max(0, share));

function between(from: VideoFace["box"], to: VideoFace["box"], share: number): VideoFace["box"] {
  const mix = (one: number, other: number) => one + (other - one) * share;
  return {
    x: mix(from.x, to.x),
    y: mix(from.y, to.y),
    width: mix(from.width, to.width),
    height: mix(from.height, to.height),
  };
}
