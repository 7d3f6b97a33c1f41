/** What Picture, Compare and Explain have in common: choosing pictures, and one of them looked at. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { keepAnalysing } from "../../state/analyses";
import { addPictures, chosenPicture, type Picture, pictures } from "../../state/pictures";
import { FileDrop } from "../file-drop";
import { ModelPicker } from "../model-picker";
import { ViewHead } from "../view-head";
import { PictureStrip } from "./picture-strip";

interface Properties {
  title: string;
  about: string;
  /** What the empty view promises. */
  invitation: string;
  /** The chosen picture, and what there is to say of it. */
  children: (picture: Picture) => ComponentChildren;
}

export function StillView({ title, about, invitation, children }: Properties) {
  useEffect(keepAnalysing, []);
  const picture = chosenPicture.value;
  const empty = pictures.value.length === 0;
  return (
    <div class={empty ? "still empty" : "still"}>
      <ViewHead title={title} about={about}>
        <ModelPicker />
      </ViewHead>
      {picture && children(picture)}
      <div class="more">
        <PictureStrip />
        {empty && <p class="invitation">{invitation}</p>}
        <FileDrop
          accept="image/*"
          multiple
          title={empty ? "Choose pictures" : "Add pictures"}
          hint="or drop them anywhere on this page, or paste one. JPEG, PNG, WebP or BMP."
          onFiles={addPictures}
        />
      </div>
    </div>
  );
}
