/** All labels with their probabilities, as bars. */

import { colourVariables, percent } from "../../labels";

interface Properties {
  probabilities: Record<string, number>;
  /** The label that stands out. */
  top: string;
}

export function ProbabilityBars({ probabilities, top }: Properties) {
  return (
    <ul class="bars" aria-label="Probabilities">
      {Object.entries(probabilities).map(([label, probability]) => (
        <li key={label} class={label === top ? "top" : ""}>
          <span class="name">{label}</span>
          <Bar label={label} probability={probability} />
          <span class="value">{percent(probability)}</span>
        </li>
      ))}
    </ul>
  );
}

/** One bar; its value stands beside it in words. */
export function Bar({ label, probability }: { label: string; probability: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ ...colourVariables(label), width: `${probability * 100}%` }} />
    </span>
  );
}
