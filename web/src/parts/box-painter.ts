/** Boxes with track numbers and labels, painted over a video. */

import { colourOf, percent } from "../labels";

/** A face to paint, in the pixels of the picture it was found in. */
export interface PaintedFace {
  track?: number | undefined;
  box: { x: number; y: number; width: number; height: number };
  top: { label: string; probability: number };
}

/** The picture that the boxes belong to. */
export interface Extent {
  width: number;
  height: number;
}

const LINE = 3;
const FONT = 14;
const PAD = 5;
const INK = "#06262c";

/**
 * Paint on a canvas that lies over the whole video; what was painted before goes.
 *
 * `mirrored` is how the video is shown: boxes change sides with it, words stay readable.
 */
export function paintBoxes(
  canvas: HTMLCanvasElement,
  faces: readonly PaintedFace[],
  extent: Extent,
  mirrored = false,
): void {
  const context = canvas.getContext("2d");
  if (!context) {
    return;
  }
  sharpen(canvas, context);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  context.clearRect(0, 0, width, height);
  const scale = Math.min(width / extent.width, height / extent.height) || 0;
  const left = (width - extent.width * scale) / 2;
  const top = (height - extent.height * scale) / 2;
  for (const face of faces) {
    const { box } = face;
    const x = mirrored ? extent.width - box.x - box.width : box.x;
    paintFace(context, face, {
      x: left + x * scale,
      y: top + box.y * scale,
      width: box.width * scale,
      height: box.height * scale,
    });
  }
}

function sharpen(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): void {
  const ratio = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

// On a video the colours for dark pages stand out, whatever the page's are.
function paintFace(
  context: CanvasRenderingContext2D,
  face: PaintedFace,
  { x, y, width, height }: PaintedFace["box"],
): void {
  const colour = colourOf(face.top.label, true);
  context.lineWidth = LINE + 2;
  context.strokeStyle = "rgb(6 38 44 / 0.6)";
  context.strokeRect(x, y, width, height);
  context.lineWidth = LINE;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);

  const words = wordsOf(face);
  context.font = `600 ${FONT}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  const wide = context.measureText(words).width + 2 * PAD;
  const high = FONT + 2 * PAD;
  const from = Math.max(0, Math.min(x - LINE / 2, context.canvas.clientWidth - wide));
  const at = y - high >= 0 ? y - high : y;
  context.fillStyle = colour;
  context.fillRect(from, at, wide, high);
  context.fillStyle = INK;
  context.fillText(words, from + PAD, at + high / 2 + 1);
}

/** What is said of a face, in one line. */
export function wordsOf({ track, top }: PaintedFace): string {
  const number = track ? `#${track} ` : "";
  return `${number}${top.label} ${percent(top.probability)}`;
}
