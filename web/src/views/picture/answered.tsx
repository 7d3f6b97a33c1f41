/** Which model answered, from where, and how long it took. */

import type { Analysis } from "../../api/schema";
import { AnswerFacts, milliseconds } from "../../parts/still/answer-facts";

interface Properties {
  analysis: Analysis;
  roundTripMs: number | null;
}

const CACHE: Record<Analysis["cache"], string> = {
  hit: "from the cache",
  miss: "computed",
  bypass: "computed, cache passed by",
};

export function Answered({ analysis, roundTripMs }: Properties) {
  const { model, served_by, cache, timings_ms, detector, image } = analysis;
  return (
    <details class="answered">
      <summary>
        {[served_by, CACHE[cache], milliseconds(timings_ms.total)].filter(Boolean).join(" · ")}
      </summary>
      <AnswerFacts
        facts={[
          ["Model", `${model.name}, version ${model.version}`],
          ["Served by", served_by || "nobody: there was no face to ask about"],
          ["Answer", CACHE[cache]],
          ["Finding faces", milliseconds(timings_ms.detect)],
          ["Expressions", milliseconds(timings_ms.infer)],
          ["In Mien", milliseconds(timings_ms.total)],
          ...(roundTripMs === null
            ? []
            : ([["There and back", milliseconds(roundTripMs)]] as const)),
          ["Face detector", detector.name],
          ["Picture", `${image.width} × ${image.height} pixels`],
          ["Request", analysis.request_id],
        ]}
      />
    </details>
  );
}
