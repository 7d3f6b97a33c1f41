/** One picture through both twins of the chosen model. */

import { compare } from "../../api/calls";
import type { ComparedFace, Expression } from "../../api/schema";
import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { FaceBoxes } from "../../parts/still/face-boxes";
import { NoFace } from "../../parts/still/no-face";
import { RewrittenNote } from "../../parts/still/rewritten-note";
import { Stage } from "../../parts/still/stage";
import { useFace } from "../../parts/still/use-face";
import { WaitingNotice } from "../../parts/still/waiting-notice";
import { useAnswer } from "../../parts/use-answer";
import { chosenModel } from "../../state/models";
import type { Picture } from "../../state/pictures";
import { send } from "../../state/sendable";
import { ComparedPanel } from "./compared-panel";
import { TwinFacts } from "./twin-facts";

export function Twins({ picture }: { picture: Picture }) {
  const model = chosenModel.value?.name ?? "";
  const asked = useAnswer(model || null, model, (signal) =>
    send(picture, (body) => compare(body, model, signal)),
  );
  const { answer, state } = asked;
  const faces = answer?.faces ?? [];
  const { face, chosen, choose, look } = useFace(faces.length);
  const looked = faces[face];
  return (
    <>
      <figure class="picture">
        <Stage picture={picture} size={answer?.image ?? null} busy={state === "asking"}>
          {(shown) =>
            answer && (
              <FaceBoxes
                faces={faces.map((one) => ({ box: one.box, top: topOf(one) }))}
                image={answer.image}
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
      <section class="panel" aria-label="Comparison" aria-busy={state === "asking"}>
        {state === "away" && <WaitingNotice error={asked.error} />}
        {state === "failed" && (
          <ErrorNotice
            error={asked.error}
            about={picture.file.name}
            {...again(asked.error, asked.again)}
          />
        )}
        {state === "asking" && <p>Asking both …</p>}
        {answer && looked && (
          <ComparedPanel url={picture.url} comparison={answer} face={looked} onChoose={choose} />
        )}
        {answer && faces.length === 0 && <NoFace />}
        {answer && <TwinFacts comparison={answer} />}
      </section>
    </>
  );
}

// The twins agree but for the last digits; where not, the panel shows it.
function topOf(face: ComparedFace): Expression {
  return Object.values(face.answers)[0]?.top ?? { label: "uncertain", probability: 0 };
}
