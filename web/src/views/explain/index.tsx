/** Explain: where in a face the model found an expression. */

import { StillView } from "../../parts/still/still-view";
import { Explained } from "./explained";

export function ExplainView() {
  return (
    <StillView
      title="Explain"
      about="Which parts of a face spoke for an expression"
      invitation="A heat map (Grad-CAM) over each face shows which of its parts spoke for the expression, or for any other that you choose."
    >
      {(picture) => <Explained key={picture.id} picture={picture} />}
    </StillView>
  );
}
