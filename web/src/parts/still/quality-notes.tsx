/** What makes a face hard to judge, in words. */

import { Info } from "lucide-preact";
import type { Face, Quality } from "../../api/schema";

type Issue = Quality["issues"][number];

const IN_WORDS: Record<Issue, (quality: Quality) => string> = {
  too_small: ({ size_pixels }) =>
    `The face is small (${Math.round(size_pixels)} pixels): a closer or larger picture would tell more.`,
  blurred: () => "The face is blurred: a sharper picture would tell more.",
  turned: ({ yaw_degrees }) =>
    `The face is turned aside (by about ${Math.round(Math.abs(yaw_degrees))}°): the model knows faces from the front best.`,
};

/** Sentences about a face, the most important first; none for one that is easy to judge. */
export function qualityNotes(face: Pick<Face, "top" | "quality">): string[] {
  const notes = face.quality.issues.map((issue) => IN_WORDS[issue](face.quality));
  if (face.top.label === "uncertain") {
    notes.unshift(
      "Uncertain: no expression is probable enough to be named. The bars show what was considered.",
    );
  }
  return notes;
}

export function QualityNotes({ face }: { face: Pick<Face, "top" | "quality"> }) {
  const notes = qualityNotes(face);
  if (notes.length === 0) {
    return null;
  }
  return (
    <ul class="quality" aria-label="How well this face can be judged">
      {notes.map((note) => (
        <li key={note}>
          <Info size={16} aria-hidden="true" />
          {note}
        </li>
      ))}
    </ul>
  );
}
