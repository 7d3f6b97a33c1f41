/** The face that is looked at: itself, its label, and the way to the next one. */

import { ChevronLeft, ChevronRight } from "lucide-preact";
import type { Box, Expression } from "../../api/schema";
import { percent } from "../../labels";
import { aroundBox, FaceCrop } from "./face-crop";
import type { Size } from "./label-places";

interface Properties {
  url: string;
  image: Size;
  box: Box;
  title: string;
  index: number;
  count: number;
  onChoose: (face: number) => void;
}

export function FaceHead({ url, image, box, title, index, count, onChoose }: Properties) {
  const step = (by: number) => onChoose((index + by + count) % count);
  return (
    <div class="face-head">
      <FaceCrop url={url} image={image} frame={aroundBox(box)} />
      <div>
        <h2>{title}</h2>
        <p class="muted">
          Face {index + 1} of {count}
        </p>
      </div>
      {count > 1 && (
        <div class="steps">
          <button type="button" class="quiet" aria-label="Previous face" onClick={() => step(-1)}>
            <ChevronLeft aria-hidden="true" />
          </button>
          <button type="button" class="quiet" aria-label="Next face" onClick={() => step(1)}>
            <ChevronRight aria-hidden="true" />
          </button>
        </div>
      )}
    </div>
  );
}

/** "happy, 93 %", whose number is not torn from its sign. */
export const inWords = ({ label, probability }: Expression) =>
  `${label}, ${percent(probability).replace(" ", "\u00a0")}`;
