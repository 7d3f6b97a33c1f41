/** The pictures that were dropped, pasted or chosen; all views of pictures share them. */

import { computed, signal } from "@preact/signals";

/** A picture of this visit; its bytes stay in this tab. */
export interface Picture {
  readonly id: number;
  readonly file: File;
  /** An object URL, which `removePicture` revokes. */
  readonly url: string;
}

let last = 0;

export const pictures = signal<Picture[]>([]);
const chosen = signal<number | null>(null);

/** The one that is looked at. */
export const chosenPicture = computed<Picture | null>(
  () => pictures.value.find((one) => one.id === chosen.value) ?? null,
);

/** Add files and look at the first of them. */
export function addPictures(files: readonly File[]): void {
  const added = files.map((file) => {
    last += 1;
    return { id: last, file, url: URL.createObjectURL(file) };
  });
  pictures.value = [...pictures.value, ...added];
  chosen.value = added[0]?.id ?? chosen.value;
}

/** Look at another one. */
export function choosePicture(id: number): void {
  chosen.value = id;
}

/** Forget one; its neighbour is looked at instead. */
export function removePicture(id: number): void {
  const at = pictures.value.findIndex((one) => one.id === id);
  const gone = pictures.value[at];
  if (!gone) {
    return;
  }
  URL.revokeObjectURL(gone.url);
  pictures.value = pictures.value.filter((one) => one.id !== id);
  if (chosen.value === id) {
    const next = pictures.value[Math.min(at, pictures.value.length - 1)];
    chosen.value = next?.id ?? null;
  }
}
