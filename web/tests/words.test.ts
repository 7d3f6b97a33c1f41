import { expect, test } from "vitest";
import type { Quality } from "../src/api/schema";
import { milliseconds } from "../src/parts/still/answer-facts";
import { qualityNotes } from "../src/parts/still/quality-notes";
import { stemOf } from "../src/parts/still/stem";
import { viridis } from "../src/parts/still/viridis";
import { differenceInWords } from "../src/views/compare/difference";
import { metricsInWords } from "../src/views/models/metrics";
import { summaryOf } from "../src/views/picture/summary";

test.each([
  [0, "none at all"],
  [1.3e-8, "1.3 · 10⁻⁸: none that matters"],
  [0.0004, "0.040 percentage points"],
  [0.123, "12.3 percentage points"],
])("a difference of %s", (difference, words) => {
  expect(differenceInWords(difference)).toBe(words);
});

test("metrics are percentages with names that people read", () => {
  expect(metricsInWords({ public_test_accuracy: 0.6829, public_test_macro_f1: 0.6573 })).toEqual([
    ["Public test accuracy", "68.3 %"],
    ["Public test macro F1", "65.7 %"],
  ]);
});

test("each issue is told in words, and an uncertain label before all", () => {
  const quality: Quality = {
    size_pixels: 31.2,
    sharpness: 0.05,
    yaw_degrees: -50.4,
    roll_degrees: 0,
    issues: ["too_small", "turned"],
  };
  const notes = qualityNotes({ top: { label: "uncertain", probability: 0.3 }, quality });
  expect(notes[0]).toContain("Uncertain");
  expect(notes[1]).toContain("31 pixels");
  expect(notes[2]).toContain("50°");
  expect(notes).toHaveLength(3);
});

test("a face that is easy to judge has no notes", () => {
  const quality = { size_pixels: 90, sharpness: 0.6, yaw_degrees: 0, roll_degrees: 0, issues: [] };
  expect(qualityNotes({ top: { label: "happy", probability: 0.9 }, quality })).toEqual([]);
});

test.each([
  [[], "No face found"],
  [["happy"], "1 face: happy"],
  [["sad", "sad"], "2 faces: all sad"],
  [["sad", "happy", "happy"], "3 faces: 2 happy, 1 sad"],
])("what %j amounts to", (labels, words) => {
  expect(summaryOf(labels.map((label) => ({ top: { label, probability: 1 } })))).toBe(words);
});

test("names of files keep everything but their ending", () => {
  expect(stemOf("Fröhlich – 笑顔.jpg")).toBe("Fröhlich – 笑顔");
  expect(stemOf("one.two.png")).toBe("one.two");
  expect(stemOf(".hidden")).toBe(".hidden");
});

test("heat goes from dark to bright, and beyond its ends stays there", () => {
  expect(viridis(0)).toEqual([68, 1, 84]);
  expect(viridis(1)).toEqual([253, 231, 37]);
  expect(viridis(-1)).toEqual(viridis(0));
  expect(viridis(2)).toEqual(viridis(1));
});

test("times are told as exactly as they matter", () => {
  expect([0.44, 9.96, 128.4].map(milliseconds)).toEqual(["0.4 ms", "10.0 ms", "128 ms"]);
});
