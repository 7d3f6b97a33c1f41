/** A uPlot in a component: made when it is first needed, as wide as its place, in both schemes. */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Plotting, uPlot } from "./plot";

type Wanted = Omit<Plotting, "width">;

/**
 * Keep a chart in `place`; null until uPlot has come.
 *
 * It is made anew where `key` changes; data that change without it go in by `setData`.
 */
export function usePlot(place: RefObject<HTMLElement>, key: string, wanted: Wanted): uPlot | null {
  const [chart, setChart] = useState<uPlot | null>(null);
  const dark = useDark();
  const latest = useRef(wanted);
  latest.current = wanted;

  // `key` and `dark` stand for everything that is drawn.
  useEffect(() => {
    const target = place.current;
    if (!target) {
      return;
    }
    let made: uPlot | null = null;
    let gone = false;
    void import("./plot").then(({ plot }) => {
      if (!gone) {
        made = plot(target, { ...latest.current, width: target.clientWidth });
        setChart(made);
      }
    });
    const watching = new ResizeObserver(() =>
      made?.setSize({ width: target.clientWidth, height: latest.current.height }),
    );
    watching.observe(target);
    return () => {
      gone = true;
      watching.disconnect();
      made?.destroy();
      setChart(null);
    };
  }, [place, key, dark]);
  return chart;
}

function useDark(): boolean {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [dark, setDark] = useState(query.matches);
  useEffect(() => {
    const changed = () => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [query]);
  return dark;
}
