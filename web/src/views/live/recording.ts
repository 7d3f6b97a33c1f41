/** Everything that a live session answered: labels and probabilities, never pictures; bounded. */

import { addPoint, emptySeries, type TrackSeries } from "../../charts/series";

/** A face as a recording keeps it. */
export interface RecordedFace {
  track: number;
  top: { label: string; probability: number };
  probabilities: Record<string, number>;
}

interface Chunk {
  model: string;
  labels: readonly string[];
  length: number;
  times: Float64Array;
  tracks: Uint32Array;
  shown: Uint8Array;
  confidences: Float32Array;
  /** Row by row. */
  probabilities: Float32Array;
}

const ROWS = 1024;
const CHUNKS = 128;
const UNCERTAIN = 255;
/** A face that is away for longer, in seconds, gets a new track anyway. */
const GAP_SECONDS = 1;

/** Keeps the newest rows, a row per face and frame: an hour of one face at 30 frames a second. */
export class Recording {
  private readonly chunks: Chunk[] = [];

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Add the faces of one frame, at seconds since the beginning. */
  add(
    time: number,
    model: string,
    labels: readonly string[],
    faces: readonly RecordedFace[],
  ): void {
    for (const face of faces) {
      const chunk = this.roomFor(model, labels);
      const row = chunk.length;
      chunk.times[row] = time;
      chunk.tracks[row] = face.track;
      const shown = labels.indexOf(face.top.label);
      chunk.shown[row] = shown < 0 ? UNCERTAIN : shown;
      chunk.confidences[row] = face.top.probability;
      for (const [index, label] of labels.entries()) {
        chunk.probabilities[row * labels.length + index] = face.probabilities[label] ?? 0;
      }
      chunk.length += 1;
    }
  }

  /** A series for each track, for charts and tables. */
  series(): TrackSeries[] {
    const tracks = new Map<number, TrackSeries>();
    for (const { chunk, row } of this.rows()) {
      const { labels } = chunk;
      const track = chunk.tracks[row] as number;
      const series = tracks.get(track) ?? emptySeries(track, labels);
      tracks.set(track, series);
      const values = chunk.probabilities.subarray(row * labels.length, (row + 1) * labels.length);
      addPoint(series, chunk.times[row] as number, shownIn(chunk, row), [...values], GAP_SECONDS);
    }
    return [...tracks.values()].sort((one, other) => one.track - other.track);
  }

  /** A row per face and frame, a column per label that any of the models has. */
  csv(): string {
    const all = [...new Set(this.chunks.flatMap((chunk) => chunk.labels))];
    const lines = [["time_seconds", "track", "model", "label", "confidence", ...all].join(",")];
    for (const { chunk, row } of this.rows()) {
      const at = (label: string) => {
        const index = chunk.labels.indexOf(label);
        return index < 0
          ? ""
          : rounded(chunk.probabilities[row * chunk.labels.length + index] as number);
      };
      lines.push(
        [
          (chunk.times[row] as number).toFixed(3),
          chunk.tracks[row],
          chunk.model,
          shownIn(chunk, row),
          rounded(chunk.confidences[row] as number),
          ...all.map(at),
        ].join(","),
      );
    }
    return `${lines.join("\r\n")}\r\n`;
  }

  private *rows(): Generator<{ chunk: Chunk; row: number }> {
    for (const chunk of this.chunks) {
      for (let row = 0; row < chunk.length; row += 1) {
        yield { chunk, row };
      }
    }
  }

  private roomFor(model: string, labels: readonly string[]): Chunk {
    const last = this.chunks.at(-1);
    if (last && last.model === model && last.length < ROWS) {
      return last;
    }
    const chunk = {
      model,
      labels,
      length: 0,
      times: new Float64Array(ROWS),
      tracks: new Uint32Array(ROWS),
      shown: new Uint8Array(ROWS),
      confidences: new Float32Array(ROWS),
      probabilities: new Float32Array(ROWS * labels.length),
    };
    this.chunks.push(chunk);
    if (this.chunks.length > CHUNKS) {
      this.chunks.shift();
    }
    return chunk;
  }
}

const shownIn = (chunk: Chunk, row: number) =>
  chunk.labels[chunk.shown[row] as number] ?? "uncertain";

const rounded = (value: number) => String(Math.round(value * 1e6) / 1e6);
