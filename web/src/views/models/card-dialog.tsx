/** A model's card, fetched and set when it is asked for. */

import { X } from "lucide-preact";
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { modelCard } from "../../api/calls";
import type { Model } from "../../api/schema";
import { ErrorNotice } from "../../parts/error-notice";

interface Properties {
  model: Model;
  onClose: () => void;
}

interface Loaded {
  text: string;
  Markdown: ComponentType<{ text: string }>;
}

export function CardDialog({ model, onClose }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [card, setCard] = useState<Loaded | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);

  useEffect(() => {
    let wanted = true;
    setError(null);
    // What sets it is heavy for what it is: fetched with the first card.
    Promise.all([modelCard(model.name), import("../../parts/still/markdown")]).then(
      ([text, { Markdown }]) => wanted && setCard({ text, Markdown }),
      (problem) => wanted && setError(problem),
    );
    return () => {
      wanted = false;
    };
  }, [model.name, attempt]);

  return (
    <dialog ref={dialog} class="card" aria-labelledby="card-title" onClose={onClose}>
      <article>
        <header>
          <h2 id="card-title">Model card of {model.name}</h2>
          <button
            type="button"
            class="quiet"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <X aria-hidden="true" />
          </button>
        </header>
        {error !== null && <ErrorNotice error={error} onRetry={() => setAttempt(attempt + 1)} />}
        {card === null && error === null && <p aria-busy="true">Fetching the card …</p>}
        {card && <card.Markdown text={card.text} />}
      </article>
    </dialog>
  );
}
