/** A face by itself: a part of the picture, upright, with whatever lies over it. */

import type { ComponentChildren } from "preact";
import type { Box } from "../../api/schema";
import type { Size } from "./label-places";
import type { Frame } from "./model-frame";

interface Properties {
  url: string;
  image: Size;
  frame: Frame;
  children?: ComponentChildren;
}

export function FaceCrop({ url, image, frame, children }: Properties) {
  const left = frame.x - frame.width / 2;
  const top = frame.y - frame.height / 2;
  return (
    <div class="face-crop" style={{ aspectRatio: `${frame.width} / ${frame.height}` }}>
      <img
        src={url}
        alt=""
        style={{
          width: `${(image.width / frame.width) * 100}%`,
          left: `${(-left / frame.width) * 100}%`,
          top: `${(-top / frame.height) * 100}%`,
          transform: `rotate(${-frame.turn}deg)`,
          transformOrigin: `${(frame.x / image.width) * 100}% ${(frame.y / image.height) * 100}%`,
        }}
      />
      {children}
    </div>
  );
}

/** A square around a box, with a little of what is about it. */
export function aroundBox(box: Box): Frame {
  const side = Math.max(box.width, box.height) * 1.15;
  return {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    width: side,
    height: side,
    turn: 0,
  };
}
