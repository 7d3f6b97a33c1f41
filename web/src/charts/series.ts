/** Expressions over time, by track: from frames to what charts and tables show. */

/** One face over time; a null is a gap, in which it was not seen. */
export interface TrackSeries {
  track: number;
  labels: readonly string[];
  /** Seconds, rising. */
  times: number[];
  /** For each label, its probability at each time. */
  values: (number | null)[][];
  /** The label shown at each time; empty in a gap. */
  shown: string[];
}

interface SeenFace {
  track: number;
  top: { label: string };
  probabilities: Record<string, number>;
}

interface SeenFrame {
  time_seconds: number;
  faces: SeenFace[];
}

/** Sort frames by track; a face that is away for longer than `gap` seconds leaves one. */
export function seriesOf(
  frames: Iterable<SeenFrame>,
  labels: readonly string[],
  gap: number,
): TrackSeries[] {
  const tracks = new Map<number, TrackSeries>();
  for (const { time_seconds: time, faces } of frames) {
    for (const face of faces) {
      const series = tracks.get(face.track) ?? emptySeries(face.track, labels);
      tracks.set(face.track, series);
      addPoint(
        series,
        time,
        face.top.label,
        labels.map((label) => face.probabilities[label] ?? 0),
        gap,
      );
    }
  }
  return [...tracks.values()].sort((one, other) => one.track - other.track);
}

/** A track of which nothing is known yet. */
export function emptySeries(track: number, labels: readonly string[]): TrackSeries {
  return { track, labels, times: [], values: labels.map(() => []), shown: [] };
}

/** Add what was seen at a time that is later than all before. */
export function addPoint(
  series: TrackSeries,
  time: number,
  shown: string,
  values: readonly number[],
  gap: number,
): void {
  const before = series.times.at(-1);
  if (before !== undefined && time - before > gap) {
    push(series, (before + time) / 2, "", () => null);
  }
  push(series, time, shown, (index) => values[index] ?? 0);
}

function push(
  series: TrackSeries,
  time: number,
  shown: string,
  value: (index: number) => number | null,
): void {
  series.times.push(time);
  series.shown.push(shown);
  for (const [index, values] of series.values.entries()) {
    values.push(value(index));
  }
}

/** Which expression a track showed for how much of its time. */
export interface Share {
  label: string;
  /** Of the times at which the face was seen, from 0 to 1. */
  shown: number;
  /** The mean probability over these times. */
  mean: number;
}

/** What can be read instead of a track's chart. */
export interface TrackSummary {
  track: number;
  from: number;
  to: number;
  /** Most shown first. */
  shares: Share[];
}

/** Sum a track up; `uncertain` is among the labels where it was shown. */
export function summaryOf(series: TrackSeries): TrackSummary {
  const seen = series.shown.filter((label) => label !== "");
  const total = Math.max(1, seen.length);
  const labels = [...new Set([...series.labels, ...seen])];
  const shares = labels.map((label) => ({
    label,
    shown: seen.filter((one) => one === label).length / total,
    mean: meanOf(series.values[series.labels.indexOf(label)] ?? []),
  }));
  shares.sort((one, other) => other.shown - one.shown || other.mean - one.mean);
  return { track: series.track, from: series.times[0] ?? 0, to: series.times.at(-1) ?? 0, shares };
}

function meanOf(values: (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
}

/** The last point at or before a time, or the first one; -1 where there is none. */
export function indexAt(times: ArrayLike<number>, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return times.length === 0 ? -1 : Math.max(0, low - 1);
}
