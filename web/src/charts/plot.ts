/** uPlot as this page uses it; imported when a chart is first shown. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { colourOf } from "../labels";
import { clock } from "./clock";

export type { uPlot };

/** How a chart is to be made. */
export interface Plotting {
  labels: readonly string[];
  data: uPlot.AlignedData;
  width: number;
  height: number;
  /** The seconds from which to which it goes. */
  range: () => [number, number];
  /** Where the pointer is, in seconds; null where it is outside. */
  onHover: ((seconds: number | null) => void) | null;
}

// Colours alone tell too little.
const DASHES = [[], [8, 4], [2, 3], [12, 4, 2, 4], [], [8, 4], [2, 3], [12, 4, 2, 4]];

/** How a label's line is drawn, so that its legend can be drawn alike. */
export function dashOf(index: number): number[] {
  return DASHES[index % DASHES.length] ?? [];
}

/** Draw probabilities over seconds. */
export function plot(target: HTMLElement, plotting: Plotting): uPlot {
  return new uPlot(optionsOf(target, plotting), plotting.data, target);
}

function optionsOf(target: HTMLElement, plotting: Plotting): uPlot.Options {
  const { width, height, range, onHover } = plotting;
  const style = getComputedStyle(target);
  const axis = {
    stroke: style.getPropertyValue("--pico-muted-color"),
    grid: { stroke: style.getPropertyValue("--pico-muted-border-color"), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width,
    height,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, show: onHover !== null, drag: { x: false, y: false } },
    scales: { x: { time: false, range: () => range() }, y: { range: [0, 1] } },
    axes: [
      { ...axis, size: 28, values: (_, seconds) => seconds.map((at) => clock(at)) },
      { ...axis, size: 44, values: (_, shares) => shares.map((at) => `${Math.round(at * 100)} %`) },
    ],
    series: [{}, ...plotting.labels.map(lineOf)],
    hooks: { setCursor: onHover ? [(chart) => onHover(hovered(chart))] : [] },
  };
}

function lineOf(label: string, index: number): uPlot.Series {
  return {
    label,
    stroke: colourOf(label),
    width: 2,
    dash: dashOf(index),
    points: { show: false },
  };
}

function hovered(chart: uPlot): number | null {
  const left = chart.cursor.left ?? -1;
  return left < 0 ? null : chart.posToVal(left, "x");
}
