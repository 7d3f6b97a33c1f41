/** How the session runs, and whose expressions are seen now. */

import { ErrorNotice } from "../../parts/error-notice";
import { FacesNow } from "../../parts/faces-now";
import { Figure } from "../../parts/figure";
import type { LiveSession } from "./session";

export function Dashboard({ session }: { session: LiveSession }) {
  const { framesPerSecond, medianLatency, answered, dropped, skipped } = session.figures.value;
  const trouble = session.trouble.value;
  return (
    <>
      {trouble && <ErrorNotice error={trouble} />}
      <section class="figures" aria-label="Figures">
        <Figure name="Frames per second" value={framesPerSecond.toFixed(1)} />
        <Figure
          name="Median latency"
          value={medianLatency === null ? "–" : medianLatency.toFixed(0)}
          unit="ms"
        />
        <Figure name="Dropped frames" value={String(dropped)} />
        <Figure name="Skipped frames" value={String(skipped)} />
        <Figure name="Analysed frames" value={String(answered)} />
      </section>
      <FacesNow faces={session.faces.value} />
    </>
  );
}
