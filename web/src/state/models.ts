/** The models that can be asked for, and the one that is. */

import { computed, effect, signal } from "@preact/signals";
import { listModels } from "../api/calls";
import type { Model } from "../api/schema";

const REMEMBERED = "mien.model";

/** Empty until the gateway has told them. */
export const models = signal<Model[]>([]);

const wanted = signal(remembered());

/** The model that pictures are sent to: the one wanted, else the gateway's default. */
export const chosenModel = computed<Model | null>(() => {
  const all = models.value;
  return all.find((model) => model.name === wanted.value) ?? all[0] ?? null;
});

/** Ask for another model from now on. */
export function chooseModel(name: string): void {
  wanted.value = name;
}

/** Fetch the list; throws ApiError. */
export async function loadModels(): Promise<void> {
  models.value = (await listModels()).models;
}

/** The same model in the other framework. */
export function twinOf(model: Model): Model | null {
  const stem = (name: string) => name.slice(0, name.lastIndexOf("-"));
  const twin = models.value.find(
    (other) => other.name !== model.name && stem(other.name) === stem(model.name),
  );
  return twin ?? null;
}

effect(() => {
  if (wanted.value) {
    remember(wanted.value);
  }
});

// A browser may forbid the page to keep anything: then a choice lasts for the visit.
function remembered(): string {
  try {
    return localStorage.getItem(REMEMBERED) ?? "";
  } catch {
    return "";
  }
}

function remember(name: string): void {
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch {
    // forbidden, or full
  }
}
