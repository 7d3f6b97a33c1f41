/** A face's heat map over the picture, on the square that the model saw. */

import type { ExplainedFace } from "../../api/schema";
import { HeatMap } from "../../parts/still/heat-map";
import type { Size } from "../../parts/still/label-places";
import { modelFrame } from "../../parts/still/model-frame";

interface Properties {
  face: ExplainedFace;
  image: Size;
  opacity: number;
}

export function HeatOnPicture({ face, image, opacity }: Properties) {
  const frame = modelFrame(face, face.heat_map);
  return (
    <div
      class="heat-place"
      aria-hidden="true"
      style={{
        left: `${((frame.x - frame.width / 2) / image.width) * 100}%`,
        top: `${((frame.y - frame.height / 2) / image.height) * 100}%`,
        width: `${(frame.width / image.width) * 100}%`,
        height: `${(frame.height / image.height) * 100}%`,
        transform: `rotate(${frame.turn}deg)`,
      }}
    >
      <HeatMap heat={face.heat_map} opacity={opacity} />
    </div>
  );
}
