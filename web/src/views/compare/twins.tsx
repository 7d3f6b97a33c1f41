/** One picture through both twins of the chosen model. */

import { compare } from "../../api/calls";
import type { ComparedFace, Expression } from "../../api/schema";
import { ErrorNotice } from "../../parts/error-notice";
import { again } from "../../parts/still/again";
import { BoxedPicture } from "../../parts/still/boxed-picture";
import { NoFace } from "../../parts/still/no-face";
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
  const looking = useFace(faces.length);
  const looked = faces[looking.face];
  return (
    <>
      <BoxedPicture
        picture={picture}
        image={answer?.image ?? null}
        busy={state === "asking"}
        faces={faces.map((one) => ({ box: one.box, top: topOf(one) }))}
        looking={looking}
      />
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
          <ComparedPanel
            url={picture.url}
            comparison={answer}
            face={looked}
            onChoose={looking.choose}
          />
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
