/** Whether the gateway has a newer page than the one that is shown. */

import { registerSW } from "virtual:pwa-register";
import { signal } from "@preact/signals";

/** Loads the newer page; null while there is none. */
export const newerPage = signal<(() => void) | null>(null);

/** Keep the page for times without a network, and look for newer ones. */
export function watchVersion(): void {
  const load = registerSW({
    onNeedRefresh: () => {
      newerPage.value = () => void load(true);
    },
  });
}
