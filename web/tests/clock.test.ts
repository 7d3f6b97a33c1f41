import { expect, test } from "vitest";
import { clock } from "../src/charts/clock";

test("seconds are told as minutes and seconds", () => {
  expect([0, 9.4, 59.6, 83.4, 3600].map((at) => clock(at))).toEqual([
    "0:00",
    "0:09",
    "1:00",
    "1:23",
    "60:00",
  ]);
  expect([0, 59.96, 83.44].map((at) => clock(at, true))).toEqual(["0:00.0", "1:00.0", "1:23.4"]);
});
