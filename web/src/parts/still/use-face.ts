/** Which face is looked at: the one pointed at or focused, else the one chosen. */

import { useState } from "preact/hooks";

/** What `useFace` gives. */
export type LookedAtFace = ReturnType<typeof useFace>;

/** A component that shows one picture uses it; another picture needs another instance of that. */
export function useFace(count: number) {
  const [chosen, choose] = useState(0);
  const [looked, look] = useState<number | null>(null);
  const last = Math.max(0, count - 1);
  return {
    chosen: Math.min(chosen, last),
    face: Math.min(looked ?? chosen, last),
    choose: (face: number) => {
      choose(face);
      look(null);
    },
    look,
  };
}
