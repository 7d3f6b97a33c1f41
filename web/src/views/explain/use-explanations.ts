/** The heat maps of a picture's faces: of each one's own expression, or of another one asked for. */

import { useEffect, useState } from "preact/hooks";
import { explain } from "../../api/calls";
import type { ExplainedFace, Explanation } from "../../api/schema";
import { type Asked, useAnswer } from "../../parts/use-answer";
import { chosenModel } from "../../state/models";
import type { Picture } from "../../state/pictures";
import { send } from "../../state/sendable";

interface Explanations {
  /** Of each face's most probable expression. */
  first: Asked<Explanation>;
  /** Of the label that was asked for last. */
  other: Asked<Explanation>;
  /** Each face with the map that was asked for, as far as it is there. */
  faces: readonly ExplainedFace[];
  /** Ask for a label of one face. */
  explainLabel: (face: number, label: string) => void;
}

export function useExplanations(picture: Picture): Explanations {
  const model = chosenModel.value?.name ?? "";
  const [labels, setLabels] = useState<Record<number, string>>({});
  const [last, setLast] = useState("");
  const [kept, setKept] = useState<Record<string, Explanation>>({});
  // Another model has other labels.
  useEffect(() => {
    setLabels({});
    setLast("");
    setKept({});
  }, [model]);

  const asking = (label: string) => (signal: AbortSignal) =>
    send(picture, (body) => explain(body, model, label, signal));
  const first = useAnswer(model || null, model, asking(""));
  const other = useAnswer(last ? `${model} ${last}` : null, model, asking(last));

  const { answer } = other;
  useEffect(() => {
    if (answer) {
      setKept((before) => ({ ...before, [last]: answer }));
    }
  }, [answer, last]);

  const faces = (first.answer?.faces ?? []).map(
    (face) => kept[labels[face.index] ?? ""]?.faces[face.index] ?? face,
  );
  const explainLabel = (face: number, label: string) => {
    const own = label === first.answer?.faces[face]?.explained.label;
    setLabels((before) => ({ ...before, [face]: own ? "" : label }));
    setLast(own || kept[label] ? "" : label);
  };
  return { first, other, faces, explainLabel };
}
