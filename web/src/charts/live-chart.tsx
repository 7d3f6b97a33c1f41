/** The last minute of one face, drawn again and again. */

import { useEffect, useRef } from "preact/hooks";
import type { uPlot } from "./plot";
import type { Ring } from "./ring";
import { useShownLines } from "./use-hidden";
import { usePlot } from "./use-plot";

interface Properties {
  track: number;
  ring: Ring;
  /** Seconds since the beginning of the session. */
  now: () => number;
  windowSeconds: number;
  hidden: ReadonlySet<string>;
}

const HEIGHT = 150;
const REDRAW_MS = 250;

export function LiveChart({ track, ring, now, windowSeconds, hidden }: Properties) {
  const place = useRef<HTMLDivElement>(null);
  const data = () => ring.view() as uPlot.AlignedData;
  const chart = usePlot(place, `${track} ${ring.labels}`, {
    labels: ring.labels,
    data: data(),
    height: HEIGHT,
    range: () => lastOf(now(), windowSeconds),
    onHover: null,
  });
  useShownLines(chart, ring.labels, hidden);
  useEffect(() => {
    const redrawing = setInterval(
      () => chart?.setData(ring.view() as uPlot.AlignedData),
      REDRAW_MS,
    );
    return () => clearInterval(redrawing);
  }, [chart, ring]);
  return (
    <figure class="chart live-chart">
      <figcaption>Face #{track}</figcaption>
      <div ref={place} class="plot" />
    </figure>
  );
}

// Before the window is full it stands still.
function lastOf(now: number, seconds: number): [number, number] {
  const end = Math.max(now, seconds);
  return [end - seconds, end];
}
