import { expect, test } from "vitest";
import { indexAt, seriesOf, summaryOf } from "../src/charts/series";

const face = (track: number, label: string, happy: number) => ({
  track,
  top: { label },
  probabilities: { happy, sad: 1 - happy },
});

test("frames are sorted by track, and an absence leaves a gap", () => {
  const frames = [
    { time_seconds: 0, faces: [face(2, "sad", 0.25), face(1, "happy", 0.75)] },
    { time_seconds: 0.2, faces: [face(1, "happy", 0.5)] },
    { time_seconds: 2.2, faces: [face(1, "sad", 0.25)] },
  ];
  const [first, second, ...others] = seriesOf(frames, ["happy", "sad"], 0.5);
  expect(others).toEqual([]);
  expect(first).toMatchObject({ track: 1, times: [0, 0.2, 1.2000000000000002, 2.2] });
  expect(first?.values).toEqual([
    [0.75, 0.5, null, 0.25],
    [0.25, 0.5, null, 0.75],
  ]);
  expect(second).toMatchObject({ track: 2, times: [0], values: [[0.25], [0.75]] });
});

test("a summary leaves gaps out and counts what is uncertain", () => {
  const frames = [
    { time_seconds: 1, faces: [face(1, "happy", 0.75)] },
    { time_seconds: 1.2, faces: [face(1, "uncertain", 0.5)] },
    { time_seconds: 9, faces: [face(1, "happy", 0.25)] },
  ];
  const [series] = seriesOf(frames, ["happy", "sad"], 0.5);
  const summary = series && summaryOf(series);
  expect(summary).toMatchObject({ track: 1, from: 1, to: 9 });
  expect(summary?.shares.map(({ label, shown }) => [label, shown])).toEqual([
    ["happy", 2 / 3],
    ["uncertain", 1 / 3],
    ["sad", 0],
  ]);
  expect(summary?.shares[0]?.mean).toBeCloseTo(0.5);
});

test("the point at a time is the last one before it, or the first of all", () => {
  const times = [1, 2, 3];
  expect([0, 1, 1.9, 2, 99].map((time) => indexAt(times, time))).toEqual([0, 0, 0, 1, 2]);
  expect(indexAt([], 1)).toBe(-1);
});
