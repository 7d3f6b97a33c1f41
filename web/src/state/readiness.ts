/** How the parts of Mien are, looked at again and again: quickly while something is missing. */

import { computed, signal } from "@preact/signals";
import { readiness as askReadiness } from "../api/calls";
import type { Readiness } from "../api/schema";
import { loadModels, models } from "./models";

const READY_PAUSE_MS = 5000;
const WAITING_PAUSE_MS = 1000;

/** Null before the first answer; "away" while nobody answers. */
export const readiness = signal<Readiness | "away" | null>(null);

/** Whether pictures can be analysed now. */
export const isReady = computed(() => {
  const now = readiness.value;
  return now !== null && now !== "away" && (now.status === "ready" || now.status === "degraded");
});

/** Whether it was so at the look before, too: one late answer of a part is no news. */
export const isLasting = signal(false);

/** Whether a model's server answers. */
export function isModelReady(name: string): boolean {
  const now = readiness.value;
  return now !== null && now !== "away" && now.models[name] === true;
}

/** Look until the page is closed. */
export function watchReadiness(): void {
  void look();
}

async function look(): Promise<void> {
  if (document.hidden) {
    // Nobody looks at the page: the servers are left in peace until somebody does.
    document.addEventListener("visibilitychange", () => void look(), { once: true });
    return;
  }
  const now = await askReadiness().catch(() => "away" as const);
  isLasting.value = statusOf(now) === statusOf(readiness.value);
  readiness.value = now;
  if (now !== "away" && isOtherList(Object.keys(now.models))) {
    await loadModels().catch(() => undefined); // the next look tries again
  }
  setTimeout(() => void look(), isReady.value ? READY_PAUSE_MS : WAITING_PAUSE_MS);
}

// The registry may change while the page is open.
function isOtherList(names: string[]): boolean {
  const listed = new Set(models.value.map(({ name }) => name));
  return listed.size !== names.length || names.some((name) => !listed.has(name));
}

const statusOf = (now: typeof readiness.value) => (typeof now === "object" ? now?.status : now);
