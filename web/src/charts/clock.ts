/** Seconds as people read them. */

/** 83.4 becomes 1:23; with tenths 1:23.4. */
export function clock(seconds: number, tenths = false): string {
  const sign = seconds < 0 ? "−" : "";
  const rounded = tenths ? Math.round(Math.abs(seconds) * 10) / 10 : Math.round(Math.abs(seconds));
  const minutes = Math.floor(rounded / 60);
  const rest = (rounded - minutes * 60).toFixed(tenths ? 1 : 0);
  return `${sign}${minutes}:${rest.padStart(tenths ? 4 : 2, "0")}`;
}
