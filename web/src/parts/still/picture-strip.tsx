/** The pictures of this visit as thumbnails: how far each is, which is looked at, and a way out. */

import { ImageOff, X } from "lucide-preact";
import { useState } from "preact/hooks";
import { type Analysed, analysisOf } from "../../state/analyses";
import {
  choosePicture,
  chosenPicture,
  type Picture,
  pictures,
  removePicture,
} from "../../state/pictures";

export function PictureStrip() {
  const all = pictures.value;
  if (all.length === 0) {
    return null;
  }
  return (
    <ul class="strip" aria-label="Pictures">
      {all.map((picture) => (
        <Thumbnail key={picture.id} picture={picture} />
      ))}
    </ul>
  );
}

function Thumbnail({ picture }: { picture: Picture }) {
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
        onClick={() => removePicture(picture.id)}
      >
        <X size={14} aria-hidden="true" />
      </button>
    </li>
  );
}

/** Two words or so. */
export function stateInWords({ state, analysis }: Analysed): string {
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

/** "2 faces" */
export function facesInWords(count: number): string {
  return count === 0 ? "no face" : `${count} ${count === 1 ? "face" : "faces"}`;
}
