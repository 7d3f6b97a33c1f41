/** A picture as large as there is room for, its faces boxed, and its name under it. */

import type { ComponentChildren } from "preact";
import type { Box, Expression } from "../../api/schema";
import type { Picture } from "../../state/pictures";
import { FaceBoxes } from "./face-boxes";
import type { Size } from "./label-places";
import { RewrittenNote } from "./rewritten-note";
import { Stage } from "./stage";
import type { LookedAtFace } from "./use-face";

interface Properties {
  picture: Picture;
  /** Of the upright picture; null before the answer. */
  image: Size | null;
  busy: boolean;
  faces: readonly { readonly box: Box; readonly top: Expression }[];
  looking: LookedAtFace;
  /** What lies between the picture and the boxes. */
  under?: ComponentChildren;
  /** What is said of it in a line. */
  children?: ComponentChildren;
}

export function BoxedPicture(properties: Properties) {
  const { picture, image, busy, faces, looking, under, children } = properties;
  return (
    <figure class="picture">
      <Stage picture={picture} size={image} busy={busy}>
        {(shown) =>
          image && (
            <>
              {under}
              <FaceBoxes
                faces={faces}
                image={image}
                shown={shown}
                chosen={looking.chosen}
                onChoose={looking.choose}
                onLook={looking.look}
              />
            </>
          )
        }
      </Stage>
      <figcaption>
        <span class="photo-name">{picture.file.name}</span>
        {children}
        <RewrittenNote picture={picture} />
      </figcaption>
    </figure>
  );
}
