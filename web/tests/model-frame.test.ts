import { expect, test } from "vitest";
import { type Frame, modelFrame, type Placed } from "../src/parts/still/model-frame";
import frames from "./frames.json";

test.each(frames as { face: Placed; frame: Frame }[])("the detector's own frame", (example) => {
  const frame = modelFrame(example.face, { width: 48, height: 48 });
  for (const key of ["x", "y", "width", "height", "turn"] as const) {
    expect(frame[key]).toBeCloseTo(example.frame[key], 6);
  }
});

test("a wider crop shows more of the picture to the sides", () => {
  const face = (frames[0] as { face: Placed }).face;
  const square = modelFrame(face, { width: 48, height: 48 });
  const wide = modelFrame(face, { width: 96, height: 48 });
  expect(wide.height).toBe(square.height);
  expect(wide.width).toBe(2 * square.width);
});
