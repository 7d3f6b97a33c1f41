/** What was found in a video: the chart of a face, the same in words, and files to keep. */

import type { Signal } from "@preact/signals";
import { Trash2 } from "lucide-preact";
import { useMemo, useState } from "preact/hooks";
import { apiKey } from "../../api/key";
import type { VideoJob, VideoResults } from "../../api/schema";
import { type VideoFile, videoFile, videoFileAddress } from "../../api/videos";
import { ExpressionChart } from "../../charts/expression-chart";
import { seriesOf } from "../../charts/series";
import { TrackPicker } from "../../charts/track-picker";
import { TrackTable } from "../../charts/track-table";
import { Download } from "../../parts/download";
import { ErrorNotice } from "../../parts/error-notice";
import { GAP_INTERVALS } from "./faces-at";
import { forget } from "./work";

interface Properties {
  job: VideoJob;
  results: VideoResults;
  deleted: boolean;
  fileName: string;
  range: [number, number];
  time: Signal<number>;
  onSeek: (seconds: number) => void;
}

export function Results({ job, results, deleted, fileName, range, time, onSeek }: Properties) {
  const tracks = useMemo(
    () => seriesOf(results.frames, results.labels, GAP_INTERVALS / job.options.sample_rate),
    [results, job],
  );
  const [number, setNumber] = useState<number | null>(null);
  const series = tracks.find((one) => one.track === number) ?? tracks[0];
  return (
    <section aria-labelledby="over-time" class="results">
      <div class="row spread">
        <h2 id="over-time">Expressions over time</h2>
        <TrackPicker tracks={tracks} shown={series} onChoose={setNumber} />
      </div>
      {series ? (
        <>
          <ExpressionChart series={series} range={range} time={time} onSeek={onSeek} />
          <p class="muted hint">
            Click on the chart to go there, or use the arrow keys on it. Probabilities of face #
            {series.track}, by {job.model}.
          </p>
          <TrackTable tracks={tracks} />
        </>
      ) : (
        <p class="notice">No face was found in the {job.frames.done} frames that were analysed.</p>
      )}
      <Files job={job} deleted={deleted} fileName={fileName} />
    </section>
  );
}

function Files({ job, deleted, fileName }: Pick<Properties, "job" | "deleted" | "fileName">) {
  const [error, setError] = useState<unknown>(null);
  if (deleted) {
    return (
      <p class="notice" role="status">
        The results are deleted on the server. What is shown here goes when you leave the page.
      </p>
    );
  }
  const stem = fileName.replace(/\.[^.]*$/, "");
  const file = (name: string, part: VideoFile) => (
    <Download
      key={`${part} ${apiKey.value}`}
      name={name}
      fileName={`${stem}-${part}`}
      address={videoFileAddress(job.id, part)}
      content={() => videoFile(job.id, part)}
    />
  );
  return (
    <div class="files">
      <div class="row">
        {file("CSV", "timeline.csv")}
        {file("WebVTT", "subtitles.vtt")}
        {job.options.annotate && file("Annotated MP4", "annotated.mp4")}
        {file("JSON", "results.json")}
        <button type="button" class="secondary outline" onClick={() => forget().catch(setError)}>
          <Trash2 size={16} aria-hidden="true" /> Delete from the server
        </button>
      </div>
      <p class="muted hint">
        The video itself is deleted already; the results are deleted by themselves after a while.
      </p>
      {error !== null && <ErrorNotice error={error} />}
    </div>
  );
}
