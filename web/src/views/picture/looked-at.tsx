/** One picture with its faces, and the one that is looked at. */

import { Link } from "wouter-preact";
import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { BoxedPicture } from "../../parts/still/boxed-picture";
import { NoFace } from "../../parts/still/no-face";
import { useFace } from "../../parts/still/use-face";
import { WaitingNotice } from "../../parts/still/waiting-notice";
import { analyseAgain, analysisOf } from "../../state/analyses";
import type { Picture } from "../../state/pictures";
import { Answered } from "./answered";
import { Downloads } from "./downloads";
import { FacePanel } from "./face-panel";
import { summaryOf } from "./summary";

export function LookedAt({ picture }: { picture: Picture }) {
  const analysed = analysisOf(picture);
  const { analysis, state } = analysed;
  const faces = analysis?.faces ?? [];
  const looking = useFace(faces.length);
  const looked = faces[looking.face];
  return (
    <>
      <BoxedPicture
        picture={picture}
        image={analysis?.image ?? null}
        busy={state !== "done" && state !== "failed"}
        faces={faces}
        looking={looking}
      >
        <p role="status">{state === "done" && analysis && summaryOf(analysis.faces)}</p>
      </BoxedPicture>
      <section class="panel" aria-label="Result">
        {state === "away" && <WaitingNotice error={analysed.error} />}
        {state === "failed" && (
          <ErrorNotice
            error={analysed.error}
            about={picture.file.name}
            {...again(analysed.error, () => analyseAgain(picture))}
          />
        )}
        {state === "failed" && picture.file.type.startsWith("video/") && (
          <p>
            Videos have <Link href="/video">a view of their own</Link>.
          </p>
        )}
        {state === "failed" && /\.hei[cf]$/i.test(picture.file.name) && (
          <p>
            This is HEIC, which Mien does not read. An iPhone writes JPEG with “Most Compatible” in
            Settings, Camera, Formats.
          </p>
        )}
        {analysis === null && (state === "waiting" || state === "analysing") && (
          <p aria-busy="true">Looking for faces …</p>
        )}
        {analysis && looked && (
          <FacePanel
            picture={picture}
            analysis={analysis}
            face={looked}
            onChoose={looking.choose}
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
