/** How long to wait until the gateway is asked again. */

const FIRST_MS = 500;
const LONGEST_MS = 8000;

/** Milliseconds before a try; the first one is 0. `chance` is from 0 to 1. */
export function pauseBefore(attempt: number, chance = Math.random()): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  // Half of it by chance, so that not all pages come back at once.
  return whole / 2 + (whole / 2) * chance;
}
