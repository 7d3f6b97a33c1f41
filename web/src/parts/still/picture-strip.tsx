/** The pictures of this visit as thumbnails: how far each is, which is looked at, and a way out. */

import { ImageOff, X } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { type Analysed, analysisOf } from "../../state/analyses";
import {
  choosePicture,
  chosenPicture,
  type Picture,
  pictures,
  removePicture,
} from "../../state/pictures";
import { facesInWords } from "./faces-in-words";

export function PictureStrip() {
  const all = pictures.value;
  const strip = useRef<HTMLUListElement>(null);
  // Whoever works by keyboard goes on at the neighbour, not at the top of the page.
  const remove = (picture: Picture) => {
    removePicture(picture.id);
    requestAnimationFrame(() =>
      strip.current?.querySelector<HTMLElement>("[aria-pressed=true]")?.focus(),
    );
  };
  if (all.length === 0) {
    return null;
  }
  return (
    <ul ref={strip} class="strip" aria-label="Pictures">
      {all.map((picture) => (
        <Thumbnail key={picture.id} picture={picture} onRemove={() => remove(picture)} />
      ))}
    </ul>
  );
}

function Thumbnail({ picture, onRemove }: { picture: Picture; onRemove: () => void }) {
  const { name } = picture.file;
  const analysed = analysisOf(picture);
  const state = stateInWords(analysed);
  const [broken, setBroken] = useState(false);
  return (
    <li>
      <button
        type="button"
        class="thumbnail"
        aria-label={`${name}, ${state}`}
        aria-pressed={chosenPicture.value === picture}
        onClick={() => choosePicture(picture.id)}
      >
        {broken ? (
          <span class="broken">
            <ImageOff aria-hidden="true" />
          </span>
        ) : (
          <img src={picture.url} alt="" decoding="async" onError={() => setBroken(true)} />
        )}
        <span class="state">{state}</span>
      </button>
      <button
        type="button"
        class="remove"
        aria-label={`Remove ${name}`}
        title="Remove"
        onClick={onRemove}
      >
        <X size={14} aria-hidden="true" />
      </button>
    </li>
  );
}

/** Two words or so. */
function stateInWords({ state, analysis }: Analysed): string {
  switch (state) {
    case "waiting":
      return "waiting";
    case "analysing":
      return "analysing";
    case "away":
      return "trying again";
    case "failed":
      return "error";
    case "done":
      return facesInWords(analysis?.faces.length ?? 0);
  }
}
