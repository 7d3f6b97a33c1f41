/** The caller's API key: in this tab's memory alone, so that nothing of it is ever stored. */

import { signal } from "@preact/signals";

/** Empty where none was entered. */
export const apiKey = signal("");

/** Whether the gateway asked for one, which opens the dialog. */
export const keyWanted = signal(false);

/** Whether somebody goes on without one for now; then nothing opens by itself. */
export const keyDeclined = signal(false);

/** The gateway refused what was asked for lack of a key. */
export function wantKey(): void {
  keyWanted.value = !keyDeclined.value;
}

/** Ask for one after all. */
export function askForKey(): void {
  keyDeclined.value = false;
  keyWanted.value = true;
}

/** The header that carries the key, if there is one. */
export function keyHeader(): Record<string, string> {
  return apiKey.value ? { Authorization: `Bearer ${apiKey.value}` } : {};
}

// What a browser takes as the name of a subprotocol; it throws at anything else.
const SUBPROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The WebSocket subprotocols that carry the key: browsers let no header be set there.
 *
 * A key that none can carry is left out; the gateway then asks for another one.
 */
export function keyProtocols(): string[] {
  return SUBPROTOCOL.test(apiKey.value) ? ["mien.v1", `mien.key.${apiKey.value}`] : ["mien.v1"];
}
