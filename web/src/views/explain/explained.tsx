/** One picture under its heat maps, and the face that is looked at. */

import { useState } from "preact/hooks";
import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { FaceBoxes } from "../../parts/still/face-boxes";
import { NoFace } from "../../parts/still/no-face";
import { RewrittenNote } from "../../parts/still/rewritten-note";
import { Stage } from "../../parts/still/stage";
import { useFace } from "../../parts/still/use-face";
import { WaitingNotice } from "../../parts/still/waiting-notice";
import type { Picture } from "../../state/pictures";
import { ExplainedPanel } from "./explained-panel";
import { HeatOnPicture } from "./heat-on-picture";
import { useExplanations } from "./use-explanations";

const USUAL_OPACITY = 0.6;

export function Explained({ picture }: { picture: Picture }) {
  const [opacity, setOpacity] = useState(USUAL_OPACITY);
  const { first, other, faces, explainLabel } = useExplanations(picture);
  const { face, chosen, choose, look } = useFace(faces.length);
  const looked = faces[face];
  const image = first.answer?.image ?? null;
  return (
    <>
      <figure class="picture">
        <Stage
          picture={picture}
          size={image}
          busy={first.state === "asking" || other.state === "asking"}
        >
          {(shown) =>
            image && (
              <>
                {faces.map((one) => (
                  <HeatOnPicture key={one.index} face={one} image={image} opacity={opacity} />
                ))}
                <FaceBoxes
                  faces={faces.map((one) => ({ box: one.box, top: one.explained }))}
                  image={image}
                  shown={shown}
                  chosen={chosen}
                  onChoose={choose}
                  onLook={look}
                />
              </>
            )
          }
        </Stage>
        <figcaption>
          <span class="photo-name">{picture.file.name}</span>
          <RewrittenNote picture={picture} />
        </figcaption>
      </figure>
      <section class="panel" aria-label="Explanation" aria-busy={first.state === "asking"}>
        {first.state === "away" && <WaitingNotice error={first.error} />}
        {first.state === "failed" && (
          <ErrorNotice
            error={first.error}
            about={picture.file.name}
            {...again(first.error, first.again)}
          />
        )}
        {first.state === "asking" && <p>Asking what mattered …</p>}
        {first.answer && looked && (
          <ExplainedPanel
            url={picture.url}
            explanation={first.answer}
            face={looked}
            other={other}
            opacity={opacity}
            onOpacity={setOpacity}
            onLabel={(label) => explainLabel(looked.index, label)}
            onChoose={choose}
          />
        )}
        {first.answer && faces.length === 0 && <NoFace />}
      </section>
    </>
  );
}
