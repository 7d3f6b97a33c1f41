/** Faces on a picture: a box each, with its label, that can be pointed at, focused and chosen. */

import type { Box, Expression } from "../../api/schema";
import { colourOf, percent } from "../../labels";
import { placeLabels, type Size } from "./label-places";
import { textWidth } from "./text-width";

interface Boxed {
  readonly box: Box;
  readonly top: Expression;
}

interface Properties {
  faces: readonly Boxed[];
  image: Size;
  shown: Size;
  chosen: number;
  onChoose: (face: number) => void;
  /** Looked at in passing; null when no longer. */
  onLook: (face: number | null) => void;
}

const LABEL_HEIGHT = 22;
const LABEL_PADDING = 14;

export function FaceBoxes({ faces, image, shown, chosen, onChoose, onLook }: Properties) {
  const scale = shown.width / image.width;
  const areas = faces.map(({ box }) => ({
    left: box.x * scale,
    top: box.y * scale,
    width: box.width * scale,
    height: box.height * scale,
  }));
  const captions = faces.map(({ top }) => `${top.label} ${percent(top.probability)}`);
  const labels = captions.map((text) => ({
    width: textWidth(text) + LABEL_PADDING,
    height: LABEL_HEIGHT,
  }));
  const places = placeLabels(areas, labels, shown);
  return (
    <ul class="face-boxes" aria-label="Faces">
      {faces.map(({ box, top }, index) => {
        const place = places[index] ?? { left: 0, top: 0, crowded: false };
        const area = areas[index] ?? place;
        return (
          <li key={index}>
            <button
              type="button"
              class="face-box"
              aria-label={`Face ${index + 1}: ${captions[index]}`}
              aria-pressed={index === chosen}
              style={{
                ...placed(box, image),
                "--face": colourOf(top.label, true),
              }}
              onClick={() => onChoose(index)}
              onFocus={() => onLook(index)}
              onBlur={() => onLook(null)}
              onMouseEnter={() => onLook(index)}
              onMouseLeave={() => onLook(null)}
            >
              <span
                class={place.crowded ? "face-label crowded" : "face-label"}
                style={{ left: `${place.left - area.left}px`, top: `${place.top - area.top}px` }}
              >
                {captions[index]}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** A box's place over a picture, in parts of it, so that it holds at any size. */
function placed(box: Box, image: Size) {
  const left = Math.max(0, box.x);
  const top = Math.max(0, box.y);
  const right = Math.min(image.width, box.x + box.width);
  const bottom = Math.min(image.height, box.y + box.height);
  return {
    left: `${(left / image.width) * 100}%`,
    top: `${(top / image.height) * 100}%`,
    width: `${((right - left) / image.width) * 100}%`,
    height: `${((bottom - top) / image.height) * 100}%`,
  };
}
