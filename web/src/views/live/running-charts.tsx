/** The last minute of every face that is followed. */

import { Legend } from "../../charts/legend";
import { LiveChart } from "../../charts/live-chart";
import { useHidden } from "../../charts/use-hidden";
import type { LiveSession } from "./session";
import { WINDOW_SECONDS } from "./tracks";

/** More charts than this are neither seen nor needed: the newest faces have one. */
const SHOWN = 4;

export function RunningCharts({ session }: { session: LiveSession }) {
  void session.figures.value; // which twice a second says that there may be others
  const hiding = useHidden();
  const tracks = session.tracks.current(session.seconds).slice(-SHOWN);
  const [first] = tracks;
  if (!first) {
    return null;
  }
  return (
    <section aria-labelledby="last-minute" class="results">
      <h2 id="last-minute">The last minute</h2>
      <Legend labels={first[1].labels} {...hiding} />
      <div class="live-charts">
        {tracks.map(([track, ring]) => (
          <LiveChart
            key={track}
            track={track}
            ring={ring}
            now={() => session.seconds}
            windowSeconds={WINDOW_SECONDS}
            hidden={hiding.hidden}
          />
        ))}
      </div>
    </section>
  );
}
