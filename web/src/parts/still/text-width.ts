/** How wide a face's label is, without putting it on the page first. */

const FONT = '600 13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

let context: OffscreenCanvasRenderingContext2D | null = null;

/** In CSS pixels; `.face-label` in still.css has the same font. */
export function textWidth(text: string): number {
  if (context === null) {
    context = new OffscreenCanvas(1, 1).getContext("2d");
    if (context) {
      context.font = FONT;
    }
  }
  return Math.ceil(context?.measureText(text).width ?? text.length * 8);
}
