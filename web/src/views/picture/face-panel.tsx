/** All that is said of one face. */

import type { Analysis, Face } from "../../api/schema";
import { FaceHead, inWords } from "../../parts/still/face-head";
import { ProbabilityBars } from "../../parts/still/probability-bars";
import { QualityNotes } from "../../parts/still/quality-notes";
import type { Picture } from "../../state/pictures";

interface Properties {
  picture: Picture;
  analysis: Analysis;
  face: Face;
  /** Whether another model is being asked at the moment. */
  stale: boolean;
  onChoose: (face: number) => void;
}

export function FacePanel({ picture, analysis, face, stale, onChoose }: Properties) {
  return (
    <article class={stale ? "face stale" : "face"} aria-busy={stale ? "true" : undefined}>
      <FaceHead
        url={picture.url}
        image={analysis.image}
        box={face.box}
        title={inWords(face.top)}
        index={face.index}
        count={analysis.faces.length}
        onChoose={onChoose}
      />
      <ProbabilityBars probabilities={face.probabilities} top={face.top.label} />
      <QualityNotes face={face} />
    </article>
  );
}
