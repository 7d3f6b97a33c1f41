import { expect, test } from "vitest";
import { type Area, placeLabels } from "../src/parts/still/label-places";

const ROOM = { width: 400, height: 300 };
const LABEL = { width: 80, height: 22 };
const box = (left: number, top: number, side = 60): Area => ({
  left,
  top,
  width: side,
  height: side,
});
const placeOf = (...boxes: Area[]) =>
  placeLabels(
    boxes,
    boxes.map(() => LABEL),
    ROOM,
  );

test("a label stands over its box", () => {
  expect(placeOf(box(100, 100))).toEqual([{ left: 100, top: 78, crowded: false }]);
});

test("at the picture's top it stands under the box", () => {
  expect(placeOf(box(100, 5))).toEqual([{ left: 100, top: 65, crowded: false }]);
});

test("a face as high as the picture has its label inside", () => {
  expect(placeOf(box(50, 0, 300))).toEqual([{ left: 50, top: 0, crowded: false }]);
});

test.each([box(0, 0), box(340, 0), box(380, 280, 20), box(0, 280, 20)])(
  "no label leaves the picture",
  (corner) => {
    const [place] = placeOf(corner);
    expect(place?.left).toBeGreaterThanOrEqual(0);
    expect(place?.top).toBeGreaterThanOrEqual(0);
    expect((place?.left ?? 0) + LABEL.width).toBeLessThanOrEqual(ROOM.width);
    expect((place?.top ?? 0) + LABEL.height).toBeLessThanOrEqual(ROOM.height);
  },
);

test("labels of neighbours do not lie on each other", () => {
  const [first, second] = placeOf(box(100, 100), box(165, 100));
  const apart =
    Math.abs((first?.left ?? 0) - (second?.left ?? 0)) >= LABEL.width ||
    Math.abs((first?.top ?? 0) - (second?.top ?? 0)) >= LABEL.height;
  expect(apart).toBe(true);
});

test("in a crowd labels without room say so, and the first keeps its own", () => {
  const crowd = Array.from({ length: 60 }, (_, index) =>
    box((index % 10) * 40, Math.floor(index / 10) * 50, 20),
  );
  const places = placeOf(...crowd);
  expect(places[0]?.crowded).toBe(false);
  expect(places.some((place) => place.crowded)).toBe(true);
});
