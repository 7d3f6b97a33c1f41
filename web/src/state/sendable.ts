/** What of a picture is sent: the file as it is, or a smaller JPEG where that would be refused. */

import { effect, signal } from "@preact/signals";
import { ApiError } from "../api/problems";
import { type Picture, pictures } from "./pictures";

// The gateway's own limit, as it comes; where an operator has set less, its refusal is what counts.
const MAX_BYTES = 10_000_000;
const LONGEST_SIDE = 2560;
const JPEG_QUALITY = 0.92;

// What a JPEG of fewer pixels may cure. Browsers read AVIF, GIF and some HEIC, which Mien does not.
const CURABLE = new Set(["image_too_large", "too_many_pixels", "unsupported_media_type"]);

/** A picture that was rewritten to be sent, and why. */
export interface Rewritten {
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
  readonly reason: "size" | "format";
}

/** By the pictures' ids; views tell of it. */
export const rewritten = signal<ReadonlyMap<number, Rewritten>>(new Map());

/**
 * The answer to a picture, in a form that the gateway takes.
 *
 * Throws what `ask` throws.
 */
export async function send<T>(picture: Picture, ask: (body: Blob) => Promise<T>): Promise<T> {
  const known = rewritten.peek().get(picture.id);
  if (known) {
    return ask(known.blob);
  }
  if (picture.file.size > MAX_BYTES) {
    // Not even tried: a refusal in the middle of an upload looks like a lost connection.
    const smaller = await rewrite(picture, "size");
    return ask(smaller ? smaller.blob : picture.file);
  }
  try {
    return await ask(picture.file);
  } catch (error) {
    if (!(error instanceof ApiError) || !CURABLE.has(error.code)) {
      throw error;
    }
    const reason = error.code === "unsupported_media_type" ? "format" : "size";
    const other = await rewrite(picture, reason);
    if (other === null) {
      throw error;
    }
    return ask(other.blob);
  }
}

/** The largest size of that shape whose longer side is allowed, never an enlarged one. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const factor = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  };
}

const underWay = new Map<number, Promise<Rewritten | null>>();

// Two views may want the same picture; it is heavy to decode.
function rewrite(picture: Picture, reason: Rewritten["reason"]): Promise<Rewritten | null> {
  const { id } = picture;
  const rewriting =
    underWay.get(id) ?? writeSmaller(picture, reason).finally(() => underWay.delete(id));
  underWay.set(id, rewriting);
  return rewriting;
}

// Null where the browser cannot read the file either.
async function writeSmaller(
  picture: Picture,
  reason: Rewritten["reason"],
): Promise<Rewritten | null> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture.file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
  const size = fitted(bitmap.width, bitmap.height);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  if (context === null) {
    return null;
  }
  context.fillStyle = "white"; // JPEG knows no transparency
  context.fillRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
  const done = { blob, ...size, reason };
  rewritten.value = new Map(rewritten.peek()).set(picture.id, done);
  return done;
}

effect(() => {
  const there = new Set(pictures.value.map((picture) => picture.id));
  const kept = [...rewritten.peek()].filter(([id]) => there.has(id));
  if (kept.length < rewritten.peek().size) {
    rewritten.value = new Map(kept);
  }
});
