/** A heat map as a picture that can be laid over a face. */

import { useEffect, useRef } from "preact/hooks";
import type { HeatMap as Heat } from "../../api/schema";
import { viridis } from "./viridis";

interface Properties {
  heat: Heat;
  /** From 0, nothing of it is seen, to 1. */
  opacity: number;
}

export function HeatMap({ heat, opacity }: Properties) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) {
      const pixels = context.createImageData(heat.width, heat.height);
      heat.rows.flat().forEach((value, place) => {
        pixels.data.set([...viridis(value), 255], place * 4);
      });
      context.putImageData(pixels, 0, 0);
    }
  }, [heat]);
  return (
    <canvas ref={canvas} class="heat" width={heat.width} height={heat.height} style={{ opacity }} />
  );
}
