/** Colours of heat, as the gateway's drawings have them: even in brightness, so that grey reads too. */

type Colour = readonly [red: number, green: number, blue: number];

// Points of matplotlib's viridis.
const POINTS: readonly Colour[] = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** The colour of a value from 0 to 1. */
export function viridis(value: number): Colour {
  const place = Math.min(Math.max(value, 0), 1) * (POINTS.length - 1);
  const below = Math.min(Math.floor(place), POINTS.length - 2);
  const share = place - below;
  const [low, high] = [POINTS[below], POINTS[below + 1]] as [Colour, Colour];
  const mixed = (channel: 0 | 1 | 2) =>
    Math.round(low[channel] + share * (high[channel] - low[channel]));
  return [mixed(0), mixed(1), mixed(2)];
}
