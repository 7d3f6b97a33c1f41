/** A chart's legend: which line is which, how high it is, and whether it is shown. */

import { colourOf, percent } from "../labels";

interface Properties {
  labels: readonly string[];
  /** A probability for each label, where there is one to tell. */
  values?: readonly (number | null | undefined)[];
  hidden: ReadonlySet<string>;
  onToggle: (label: string) => void;
}

// As dashOf in plot.ts, which is not loaded with the page.
const DASHES = ["none", "8 4", "2 3", "12 4 2 4"];

export function Legend({ labels, values, hidden, onToggle }: Properties) {
  return (
    <ul class="legend" aria-label="Lines of the chart">
      {labels.map((label, index) => (
        <li key={label}>
          <button type="button" aria-pressed={!hidden.has(label)} onClick={() => onToggle(label)}>
            <svg width="26" height="8" aria-hidden="true">
              <line
                x1="0"
                y1="4"
                x2="26"
                y2="4"
                stroke={colourOf(label)}
                stroke-width="3"
                stroke-dasharray={DASHES[index % DASHES.length]}
              />
            </svg>
            {label}
            {values && <span class="value">{spoken(values[index])}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

const spoken = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : percent(value);
