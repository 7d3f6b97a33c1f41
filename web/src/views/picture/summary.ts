/** What a picture shows, in one line. */

import type { Face } from "../../api/schema";
import { facesInWords } from "../../parts/still/faces-in-words";

/** "5 faces: 4 happy, 1 sad", the most frequent first; "5 faces: all happy". */
export function summaryOf(faces: readonly Pick<Face, "top">[]): string {
  const counts = new Map<string, number>();
  for (const { top } of faces) {
    counts.set(top.label, (counts.get(top.label) ?? 0) + 1);
  }
  if (counts.size === 0) {
    return "No face found";
  }
  const all = faces.length === 1 ? "" : "all ";
  const parts = [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([label, count]) => (counts.size === 1 ? all + label : `${count} ${label}`));
  return `${facesInWords(faces.length)}: ${parts.join(", ")}`;
}
