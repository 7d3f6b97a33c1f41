import { expect, test } from "vitest";
import type { VideoFrame } from "../src/api/schema";
import { facesAt } from "../src/views/video/faces-at";

const frame = (time_seconds: number, x: number, label = "happy", track = 1): VideoFrame => ({
  time_seconds,
  faces: [
    {
      track,
      box: { x, y: 10, width: 20, height: 20 },
      detection_score: 0.9,
      top: { label, probability: 0.8 },
      probabilities: { happy: 0.8, sad: 0.2 },
    },
  ],
});

function at(frames: VideoFrame[], seconds: number) {
  const times = frames.map((one) => one.time_seconds);
  return facesAt(frames, times, seconds, 0.2);
}

test("between two frames a box moves, and the label is the one before", () => {
  const frames = [frame(1, 0), frame(1.2, 10, "sad")];
  const [face] = at(frames, 1.05);
  expect(face?.box.x).toBeCloseTo(2.5);
  expect(face?.top.label).toBe("happy");
  expect(at(frames, 1.2)[0]?.top.label).toBe("sad");
});

test("a face that is not in the next frame stays where it was", () => {
  const frames = [frame(1, 0), frame(1.2, 10, "happy", 2)];
  expect(at(frames, 1.19)[0]?.box.x).toBe(0);
});

test("before the first frame and long after the last there are no faces", () => {
  const frames = [frame(1, 0), frame(1.2, 10), frame(9, 50)];
  expect(at(frames, 0.5)).toEqual([]);
  expect(at(frames, 0.95)).toHaveLength(1);
  expect(at(frames, 5)).toEqual([]);
  expect(at(frames, 99)).toEqual([]);
  expect(at([], 0)).toEqual([]);
});
