/** The last minute of each face that is followed, and track numbers over several streams. */

import type { LiveFace } from "../../api/stream";
import { Ring } from "../../charts/ring";

/** How far back the running charts go, in seconds. */
export const WINDOW_SECONDS = 60;
const CAPACITY = 2048;
/** Frames come faster than a chart can show. */
const PAUSE_SECONDS = 1 / 31;

/** A face with a number of its own. */
export type FollowedFace = LiveFace & { track: number };

/** Rings for the tracks of the last minute; older ones go. */
export class LiveTracks {
  private readonly rings = new Map<number, Ring>();
  private offset = 0;
  private highest = 0;

  /** A new stream counts its tracks from 1 again; here they go on. */
  restart(): void {
    this.offset = this.highest;
  }

  /** Number the faces that have a track. */
  follow(faces: readonly LiveFace[]): FollowedFace[] {
    const followed = faces
      .filter((face): face is FollowedFace => (face.track ?? 0) > 0)
      .map((face) => ({ ...face, track: face.track + this.offset }));
    this.highest = followed.reduce((most, { track }) => Math.max(most, track), this.highest);
    return followed;
  }

  /** Keep what a frame showed, at seconds since the beginning. */
  add(time: number, labels: readonly string[], faces: readonly FollowedFace[]): void {
    for (const face of faces) {
      const ring = this.rings.get(face.track) ?? new Ring(labels, CAPACITY);
      this.rings.set(face.track, ring);
      if (time - ring.newest >= PAUSE_SECONDS) {
        ring.push(time, face.probabilities);
      }
    }
  }

  /** The tracks of the last minute, in the order of their numbers; forgets all others. */
  current(now: number): [number, Ring][] {
    for (const [track, ring] of this.rings) {
      ring.forgetBefore(now - WINDOW_SECONDS);
      if (ring.length === 0) {
        this.rings.delete(track);
      }
    }
    return [...this.rings].sort(([one], [other]) => one - other);
  }
}
