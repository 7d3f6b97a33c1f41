/** What the model saw of a face, under its heat; which expression, and how much of the heat. */

import type { ExplainedFace, Explanation } from "../../api/schema";
import { percent } from "../../labels";
import { ErrorNotice } from "../../parts/error-notice";
import { AnswerFacts, milliseconds } from "../../parts/still/answer-facts";
import { FaceCrop } from "../../parts/still/face-crop";
import { FaceHead, inWords } from "../../parts/still/face-head";
import { HeatMap } from "../../parts/still/heat-map";
import { modelFrame } from "../../parts/still/model-frame";
import { QualityNotes } from "../../parts/still/quality-notes";
import type { Asked } from "../../parts/use-answer";

interface Properties {
  url: string;
  explanation: Explanation;
  face: ExplainedFace;
  other: Asked<Explanation>;
  opacity: number;
  onOpacity: (opacity: number) => void;
  onLabel: (label: string) => void;
  onChoose: (face: number) => void;
}

export function ExplainedPanel(properties: Properties) {
  const { url, explanation, face, other, opacity, onOpacity, onLabel, onChoose } = properties;
  const { image, model, served_by, timings_ms } = explanation;
  return (
    <>
      <article class="face">
        <FaceHead
          url={url}
          image={image}
          box={face.box}
          title={inWords(face.top)}
          index={face.index}
          count={explanation.faces.length}
          onChoose={onChoose}
        />
        <div class="seen">
          <FaceCrop url={url} image={image} frame={modelFrame(face, face.heat_map)}>
            <HeatMap heat={face.heat_map} opacity={opacity} />
          </FaceCrop>
          <p class="heat-legend">
            <span>little</span>
            <span class="scale" aria-hidden="true" />
            <span>much</span>
          </p>
        </div>
        <label>
          What speaks for
          <select
            value={face.explained.label}
            onChange={(event) => onLabel(event.currentTarget.value)}
          >
            {Object.entries(face.probabilities).map(([label, probability]) => (
              <option key={label} value={label}>
                {label} ({percent(probability)})
              </option>
            ))}
          </select>
        </label>
        <label>
          Heat over the face
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={opacity}
            aria-valuetext={percent(opacity)}
            onInput={(event) => onOpacity(Number(event.currentTarget.value))}
          />
        </label>
        <p class="visually-hidden" role="status">
          {other.state === "asking" ? "Asking …" : `Shown: ${face.explained.label}`}
        </p>
        {other.state === "failed" && <ErrorNotice error={other.error} onRetry={other.again} />}
        <HowToRead face={face} />
        <QualityNotes face={face} />
      </article>
      <AnswerFacts
        facts={[
          ["Model", `${model.name}, version ${model.version}`],
          ["Served by", served_by],
          ["Finding faces", milliseconds(timings_ms.detect ?? 0)],
          ["Explaining", milliseconds(timings_ms.explain ?? 0)],
        ]}
      />
    </>
  );
}

function HowToRead({ face }: { face: ExplainedFace }) {
  const label = <strong>{face.explained.label}</strong>;
  const something = face.heat_map.rows.some((row) => row.some((value) => value > 0));
  return (
    <p class="muted small">
      This is the part of the picture that the model saw.{" "}
      {something ? (
        <>
          Bright places spoke most for {label}; dark ones did not matter or spoke for another
          expression.
        </>
      ) : (
        <>No part of it spoke for {label}.</>
      )}
    </p>
  );
}
