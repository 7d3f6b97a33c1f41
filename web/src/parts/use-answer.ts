/** What a view asks the gateway for, asked again whenever what it hangs on changes. */

import { useEffect, useState } from "preact/hooks";
import { apiKey } from "../api/key";
import { untilAnswered } from "../state/retrying";

export interface Asked<T> {
  /** `away`: it is asked again by itself once the servers are back. */
  readonly state: "nothing" | "asking" | "away" | "failed" | "done";
  /** The last answer to this question; null before it. */
  readonly answer: T | null;
  readonly error: unknown;
  readonly again: () => void;
}

type Known<T> = Omit<Asked<T>, "again"> & { question: string | null };

const NOTHING = { question: null, state: "nothing", answer: null, error: null } as const;

/**
 * The answer to a question, which is a string that changes with everything the answer hangs on.
 *
 * Null asks nothing. A new question, and leaving the view, abort the request under way.
 */
export function useAnswer<T>(
  question: string | null,
  model: string,
  ask: (signal: AbortSignal) => Promise<T>,
): Asked<T> {
  const [known, setKnown] = useState<Known<T>>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const key = apiKey.value;

  // The question stands for `ask`, which is another function each time.
  useEffect(() => {
    if (question === null) {
      setKnown(NOTHING);
      return;
    }
    const aborting = new AbortController();
    const { signal } = aborting;
    const tell = (news: Partial<Known<T>>) =>
      !signal.aborted && setKnown((before) => ({ ...before, ...news }));
    setKnown({ question, state: "asking", answer: null, error: null });
    const once = () => {
      tell({ state: "asking" });
      return ask(signal);
    };
    const onWait = (error: unknown) => tell({ state: "away", error });
    untilAnswered(once, { model, signal, onWait }).then(
      (answer) => tell({ state: "done", answer, error: null }),
      (error) => tell({ state: "failed", error }),
    );
    return () => aborting.abort();
  }, [question, attempt, key]);

  // Until the effect has run, what is known belongs to the question before.
  const current = known.question === question ? known : NOTHING;
  return { ...current, again: () => setAttempt(attempt + 1) };
}
