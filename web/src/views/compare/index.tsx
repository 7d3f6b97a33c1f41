/** Compare: the same faces through both frameworks. */

import { StillView } from "../../parts/still/still-view";
import { Twins } from "./twins";

export function CompareView() {
  return (
    <StillView
      title="Compare"
      about="The same faces through both frameworks, side by side"
      invitation="Every model runs in PyTorch and in TensorFlow, with the same weights. See for each face what both say, how far they differ, and which was quicker."
    >
      {(picture) => <Twins key={picture.id} picture={picture} />}
    </StillView>
  );
}
