/** Pictures: their faces, and what each shows. */

import { StillView } from "../../parts/still/still-view";
import { LookedAt } from "./looked-at";

export function PictureView() {
  return (
    <StillView
      title="Picture"
      about="Which expressions the faces in a picture show"
      invitation="Portraits, groups, one or many at a time: each face gets a box, its most probable expression, and how probable the others are."
    >
      {(picture) => <LookedAt key={picture.id} picture={picture} />}
    </StillView>
  );
}
