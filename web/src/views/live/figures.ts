/** How a live stream runs: answers a second, latency, frames that were left out. */

/** What is shown, now. */
export interface LiveFigures {
  framesPerSecond: number;
  /** Milliseconds from capture to answer; null before the first answer. */
  medianLatency: number | null;
  answered: number;
  /** Frames that the gateway replaced by newer ones. */
  dropped: number;
  /** Frames of the camera that were not sent, because the ones before were under way. */
  skipped: number;
}

const KEPT = 128;
const WINDOW_MS = 3000;

/** Counts in rooms of a fixed size, however long a stream lasts. */
export class Measuring {
  private readonly times = new Float64Array(KEPT);
  private readonly latencies = new Float64Array(KEPT);
  private answered = 0;
  private droppedBefore = 0;
  private droppedNow = 0;
  private skipped = 0;

  /** A frame was answered at a time, after a latency, both in milliseconds. */
  add(now: number, latency: number, dropped: number): void {
    this.times[this.answered % KEPT] = now;
    this.latencies[this.answered % KEPT] = latency;
    this.answered += 1;
    this.droppedNow = dropped;
  }

  /** A frame of the camera was not sent. */
  skip(): void {
    this.skipped += 1;
  }

  /** The stream was made anew: the gateway counts from 0 again. */
  restart(): void {
    this.droppedBefore += this.droppedNow;
    this.droppedNow = 0;
  }

  /** The figures at a time in milliseconds. */
  read(now: number): LiveFigures {
    const kept = Math.min(this.answered, KEPT);
    return {
      framesPerSecond: this.rate(now, kept),
      medianLatency: median(this.latencies.slice(0, kept)),
      answered: this.answered,
      dropped: this.droppedBefore + this.droppedNow,
      skipped: this.skipped,
    };
  }

  private rate(now: number, kept: number): number {
    const recent = this.times.slice(0, kept).filter((time) => now - time < WINDOW_MS);
    const first = recent.reduce((least, time) => Math.min(least, time), now);
    // Not yet a whole window, or more answers than are kept: what there is, over its time.
    const span = kept === recent.length ? now - first : WINDOW_MS;
    return span > 0 ? (recent.length * 1000) / Math.max(span, 500) : 0;
  }
}

function median(values: Float64Array): number | null {
  if (values.length === 0) {
    return null;
  }
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
