/** How the session runs, and whose expressions are seen now. */

import { colourOf, percent } from "../../labels";
import { ErrorNotice } from "../../parts/error-notice";
import { Figure } from "../../parts/figure";
import type { LiveSession } from "./session";

export function Dashboard({ session }: { session: LiveSession }) {
  const { framesPerSecond, medianLatency, answered, dropped, skipped } = session.figures.value;
  const trouble = session.trouble.value;
  return (
    <>
      {trouble && <ErrorNotice error={trouble} />}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset holds fields */}
      <div class="figures" role="group" aria-label="Figures">
        <Figure name="Frames per second" value={framesPerSecond.toFixed(1)} />
        <Figure
          name="Median latency"
          value={medianLatency === null ? "–" : medianLatency.toFixed(0)}
          unit="ms"
        />
        <Figure name="Dropped frames" value={String(dropped)} />
        <Figure name="Skipped frames" value={String(skipped)} />
        <Figure name="Analysed frames" value={String(answered)} />
      </div>
      <Faces session={session} />
    </>
  );
}

function Faces({ session }: { session: LiveSession }) {
  const faces = session.faces.value;
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
            <span>{percent(top.probability)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
