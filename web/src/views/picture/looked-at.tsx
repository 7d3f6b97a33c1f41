/** One picture with its faces, and the one that is looked at. */

import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { FaceBoxes } from "../../parts/still/face-boxes";
import { NoFace } from "../../parts/still/no-face";
import { facesInWords } from "../../parts/still/picture-strip";
import { RewrittenNote } from "../../parts/still/rewritten-note";
import { Stage } from "../../parts/still/stage";
import { useFace } from "../../parts/still/use-face";
import { WaitingNotice } from "../../parts/still/waiting-notice";
import { type Analysed, analyseAgain, analysisOf } from "../../state/analyses";
import type { Picture } from "../../state/pictures";
import { Answered } from "./answered";
import { Downloads } from "./downloads";
import { FacePanel } from "./face-panel";

export function LookedAt({ picture }: { picture: Picture }) {
  const analysed = analysisOf(picture);
  const { analysis, state } = analysed;
  const faces = analysis?.faces ?? [];
  const { face, chosen, choose, look } = useFace(faces.length);
  const looked = faces[face];
  return (
    <>
      <figure class="picture">
        <Stage
          picture={picture}
          size={analysis?.image ?? null}
          busy={state !== "done" && state !== "failed"}
        >
          {(shown) =>
            analysis && (
              <FaceBoxes
                faces={faces}
                image={analysis.image}
                shown={shown}
                chosen={chosen}
                onChoose={choose}
                onLook={look}
              />
            )
          }
        </Stage>
        <figcaption>
          <span class="photo-name">{picture.file.name}</span>
          <RewrittenNote picture={picture} />
        </figcaption>
      </figure>
      <section class="panel" aria-label="Result">
        <p class="visually-hidden" role="status">
          {announced(analysed)}
        </p>
        {state === "away" && <WaitingNotice error={analysed.error} />}
        {state === "failed" && (
          <ErrorNotice
            error={analysed.error}
            about={picture.file.name}
            {...again(analysed.error, () => analyseAgain(picture))}
          />
        )}
        {analysis === null && (state === "waiting" || state === "analysing") && (
          <p aria-busy="true">Looking for faces …</p>
        )}
        {analysis && looked && (
          <FacePanel
            picture={picture}
            analysis={analysis}
            face={looked}
            onChoose={choose}
            stale={state !== "done"}
          />
        )}
        {analysis && faces.length === 0 && <NoFace />}
        {analysis && (
          <>
            <Downloads picture={picture} analysis={analysis} />
            <Answered analysis={analysis} roundTripMs={analysed.roundTripMs} />
          </>
        )}
      </section>
    </>
  );
}

// For those who do not see the picture change.
function announced({ state, analysis }: Analysed): string {
  if (state !== "done" || analysis === null) {
    return "";
  }
  const tops = analysis.faces.map(({ top }) => top.label).join(", ");
  return `${facesInWords(analysis.faces.length)} found${tops ? `: ${tops}` : ""}`;
}
