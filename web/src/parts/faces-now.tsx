/** Whose expressions are seen now, in words and bars: what the boxes say, for every reader. */

import { colourOf, percent } from "../labels";

interface Properties {
  faces: readonly { track: number; top: { label: string; probability: number } }[];
}

export function FacesNow({ faces }: Properties) {
  return (
    <section class="faces" aria-label="Faces now">
      {faces.length === 0 && <p class="muted">No face is seen.</p>}
      <ul>
        {faces.map(({ track, top }) => (
          <li key={track}>
            <span class="muted">#{track}</span>
            <strong style={{ color: colourOf(top.label) }}>{top.label}</strong>
            <meter
              min={0}
              max={1}
              value={top.probability}
              aria-label={`Probability of ${top.label}`}
            />
            <span class="number">{percent(top.probability)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
