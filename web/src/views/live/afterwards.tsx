/** What is left of a session: its timeline, as chart, table and file. */

import { Trash2 } from "lucide-preact";
import { useMemo, useState } from "preact/hooks";
import { ExpressionChart } from "../../charts/expression-chart";
import { TrackPicker } from "../../charts/track-picker";
import { TrackTable } from "../../charts/track-table";
import { Download } from "../../parts/download";
import { ErrorNotice } from "../../parts/error-notice";
import { type Finished, forgetFinished } from "./state";

export function Afterwards({ finished }: { finished: Finished }) {
  const tracks = useMemo(() => finished.recording.series(), [finished.recording]);
  const [number, setNumber] = useState<number | null>(null);
  const series = tracks.find((one) => one.track === number) ?? longest(tracks);
  if (!series) {
    return null;
  }
  const end = Math.max(...tracks.map(({ times }) => times.at(-1) ?? 0));
  return (
    <section aria-labelledby="timeline" class="results">
      <div class="row spread">
        <h2 id="timeline">The session's timeline</h2>
        <TrackPicker tracks={tracks} shown={series} onChoose={setNumber} />
      </div>
      <ExpressionChart series={series} range={[0, Math.max(end, 1)]} />
      <TrackTable tracks={tracks} />
      <Keeping finished={finished} />
    </section>
  );
}

function Keeping({ finished }: { finished: Finished }) {
  const [error, setError] = useState<unknown>(null);
  const { recording, sessionId } = finished;
  return (
    <div class="files">
      <div class="row">
        <Download
          name="CSV"
          fileName="session-timeline.csv"
          content={() => new Blob([recording.csv()], { type: "text/csv" })}
        />
        {sessionId && (
          <button
            type="button"
            class="secondary outline"
            onClick={() => forgetFinished().catch(setError)}
          >
            <Trash2 size={16} aria-hidden="true" /> Delete from the server
          </button>
        )}
      </div>
      <p class="muted hint" role="status">
        {sessionId ? (
          <>
            The server keeps the labels for a while under <code>{sessionId}</code>.
          </>
        ) : (
          "The server keeps nothing of it; what is shown here goes when you leave the page."
        )}
      </p>
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}

function longest<Series extends { times: readonly number[] }>(all: readonly Series[]) {
  return all.toSorted((one, other) => other.times.length - one.times.length)[0];
}
