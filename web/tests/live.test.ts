import { expect, test } from "vitest";
import { pauseBefore } from "../src/views/live/back-off";
import { troubleOf } from "../src/views/live/camera";
import { Measuring } from "../src/views/live/figures";
import { Recording } from "../src/views/live/recording";
import { LiveTracks } from "../src/views/live/tracks";

const LABELS = ["happy", "sad"];

test("the figures are of the last seconds, and of all streams together", () => {
  const measuring = new Measuring();
  expect(measuring.read(0)).toMatchObject({ framesPerSecond: 0, medianLatency: null });
  for (let frame = 0; frame < 1000; frame += 1) {
    measuring.add(frame * 50, frame % 2 ? 35 : 40, 2);
  }
  measuring.restart();
  measuring.add(1000 * 50, 35, 1);
  measuring.skip();
  const figures = measuring.read(1000 * 50);
  expect(figures.framesPerSecond).toBeCloseTo(20, 0);
  expect(figures).toMatchObject({ medianLatency: 35, answered: 1001, dropped: 3, skipped: 1 });
  expect(measuring.read(2000 * 50).framesPerSecond).toBe(0);
});

test("more answers than are kept are counted over their own time", () => {
  const measuring = new Measuring();
  for (let frame = 0; frame < 1000; frame += 1) {
    measuring.add(frame * 10, 5, 0);
  }
  expect(measuring.read(1000 * 10).framesPerSecond).toBeCloseTo(100, 0);
});

const seen = (track: number, label: string, happy: number) => ({
  track,
  top: { label, probability: happy },
  probabilities: { happy, sad: 1 - happy },
});

test("a recording becomes a table with the labels of all its models", () => {
  const recording = new Recording();
  expect(recording.isEmpty).toBe(true);
  recording.add(0.5, "one", LABELS, [seen(1, "happy", 0.75), seen(2, "uncertain", 0.5)]);
  recording.add(1, "two", ["happiness"], [{ ...seen(3, "happiness", 1) }]);
  expect(recording.csv().split("\r\n")).toEqual([
    "time_seconds,track,model,label,confidence,happy,sad,happiness",
    "0.500,1,one,happy,0.75,0.75,0.25,",
    "0.500,2,one,uncertain,0.5,0.5,0.5,",
    "1.000,3,two,happiness,1,,,0",
    "",
  ]);
  expect(recording.series().map(({ track, shown }) => [track, shown])).toEqual([
    [1, ["happy"]],
    [2, ["uncertain"]],
    [3, ["happiness"]],
  ]);
});

test("a recording keeps the newest rows of an endless session", () => {
  const recording = new Recording();
  const frames = 200_000;
  for (let frame = 0; frame < frames; frame += 1) {
    recording.add(frame / 30, "one", LABELS, [seen(1, "happy", 0.75)]);
  }
  const [series] = recording.series();
  expect(series?.times.at(-1)).toBe((frames - 1) / 30);
  expect(series?.times.length).toBeLessThanOrEqual(128 * 1024);
  expect(series?.times.length).toBeGreaterThan(60 * 60 * 30);
});

const live = (track?: number) => ({
  index: 0,
  box: { x: 0, y: 0, width: 1, height: 1 },
  landmarks: {
    left_eye: { x: 0, y: 0 },
    right_eye: { x: 0, y: 0 },
    nose: { x: 0, y: 0 },
    left_mouth: { x: 0, y: 0 },
    right_mouth: { x: 0, y: 0 },
  },
  detection_score: 1,
  top: { label: "happy", probability: 0.75 },
  probabilities: { happy: 0.75, sad: 0.25 },
  quality: { size_pixels: 100, sharpness: 1, yaw_degrees: 0, roll_degrees: 0, issues: [] },
  ...(track === undefined ? {} : { track }),
});

test("a new stream's tracks get new numbers, and faces without one are left out", () => {
  const tracks = new LiveTracks();
  expect(tracks.follow([live(1), live(4), live()]).map(({ track }) => track)).toEqual([1, 4]);
  tracks.restart();
  tracks.restart();
  expect(tracks.follow([live(1)]).map(({ track }) => track)).toEqual([5]);
});

test("only the tracks of the last minute are kept", () => {
  const tracks = new LiveTracks();
  for (let second = 0; second < 300; second += 1) {
    tracks.add(second, LABELS, tracks.follow([live(1 + Math.floor(second / 10))]));
  }
  const current = tracks.current(300);
  expect(current.map(([track]) => track)).toEqual([25, 26, 27, 28, 29, 30]);
  expect(current.reduce((sum, [, ring]) => sum + ring.length, 0)).toBe(60);
});

test("tries come less and less often, but never rarely, and not all pages at once", () => {
  const longest = [0, 1, 2, 3, 4, 5, 100].map((attempt) => pauseBefore(attempt, 1));
  expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(pauseBefore(3, 0)).toBe(2000);
});

test("what a browser calls an error is said in words", () => {
  expect(troubleOf("NotAllowedError").advice).toContain("Allow the camera");
  expect(troubleOf("TrackStartError").title).toBe("The camera is in use");
  expect(troubleOf("InsecureContext").advice).toContain("https://");
  expect(troubleOf("SomethingNew").detail).toContain("SomethingNew");
});
