/** One picture under its heat maps, and the face that is looked at. */

import { useState } from "preact/hooks";
import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { BoxedPicture } from "../../parts/still/boxed-picture";
import { NoFace } from "../../parts/still/no-face";
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
  const looking = useFace(faces.length);
  const looked = faces[looking.face];
  const image = first.answer?.image ?? null;
  return (
    <>
      <BoxedPicture
        picture={picture}
        image={image}
        busy={first.state === "asking" || other.state === "asking"}
        faces={faces.map((one) => ({ box: one.box, top: one.explained }))}
        looking={looking}
        under={
          image &&
          faces.map((one) => (
            <HeatOnPicture key={one.index} face={one} image={image} opacity={opacity} />
          ))
        }
      />
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
            onChoose={looking.choose}
          />
        )}
        {first.answer && faces.length === 0 && <NoFace />}
      </section>
    </>
  );
}
