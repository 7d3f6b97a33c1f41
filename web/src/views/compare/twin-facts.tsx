/** Both twins: who served them, and how long each took for all faces. */

import type { Comparison } from "../../api/schema";
import { milliseconds } from "../../parts/still/answer-facts";
import { facesInWords } from "../../parts/still/faces-in-words";
import { frameworkName } from "../../parts/still/framework-name";
import { differenceInWords } from "./difference";

export function TwinFacts({ comparison }: { comparison: Comparison }) {
  const { models, faces, largest_difference, timings_ms } = comparison;
  const longest = Math.max(...models.map((model) => model.infer_ms));
  return (
    <>
      <ul class="latencies" aria-label="Latencies">
        {models.map((model) => (
          <li key={model.name}>
            <span class="name">
              <strong>{frameworkName(model.framework)}</strong>
              <small>{model.served_by}</small>
            </span>
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${(model.infer_ms / longest) * 100}%` }} />
            </span>
            <span class="value">{milliseconds(model.infer_ms)}</span>
          </li>
        ))}
      </ul>
      <p class="muted small">
        For {facesInWords(faces.length)}, with the way there and back; finding them took{" "}
        {milliseconds(timings_ms.detect ?? 0)}.
        {faces.length > 1 &&
          ` Largest difference of all: ${differenceInWords(largest_difference)}.`}
      </p>
    </>
  );
}
