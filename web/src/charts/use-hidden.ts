/** Which lines of charts are hidden. */

import { useEffect, useState } from "preact/hooks";
import type { uPlot } from "./plot";

/** The labels that were switched off in a legend; several charts may share them. */
export function useHidden() {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const onToggle = (label: string) => {
    const now = new Set(hidden);
    if (!now.delete(label)) {
      now.add(label);
    }
    setHidden(now);
  };
  return { hidden, onToggle };
}

/** Hide these lines of a chart; one that is made anew hides them again. */
export function useShownLines(
  chart: uPlot | null,
  labels: readonly string[],
  hidden: ReadonlySet<string>,
): void {
  useEffect(() => {
    for (const [index, label] of labels.entries()) {
      chart?.setSeries(index + 1, { show: !hidden.has(label) });
    }
  }, [chart, hidden, labels]);
}
