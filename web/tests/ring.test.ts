import { expect, test } from "vitest";
import { Ring } from "../src/charts/ring";

const columns = (ring: Ring) => ring.view().map((column) => [...column]);

test("a ring keeps the newest points in order, however many come", () => {
  const ring = new Ring(["happy", "sad"], 3);
  for (let time = 0; time < 100; time += 1) {
    ring.push(time, { happy: time, sad: -time });
    expect(ring.length).toBe(Math.min(time + 1, 3));
  }
  expect(columns(ring)).toEqual([
    [97, 98, 99],
    [97, 98, 99],
    [-97, -98, -99],
  ]);
  expect(ring.newest).toBe(99);
});

test("a ring forgets what is too old, even everything", () => {
  const ring = new Ring(["happy"], 4);
  for (const time of [1, 2, 3]) {
    ring.push(time, { happy: 0.5 });
  }
  ring.forgetBefore(2);
  expect(columns(ring)).toEqual([
    [2, 3],
    [0.5, 0.5],
  ]);
  ring.forgetBefore(10);
  expect(ring.length).toBe(0);
  expect(ring.newest).toBe(Number.NEGATIVE_INFINITY);
});
