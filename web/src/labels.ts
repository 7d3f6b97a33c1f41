/** How each expression looks on the page: a colour that is told apart in light and in dark. */

const COLOURS: Record<string, { light: string; dark: string }> = {
  angry: { light: "#b3261e", dark: "#ff8a80" },
  contempt: { light: "#7a4b00", dark: "#e0b35c" },
  disgust: { light: "#4d6b00", dark: "#b5d65a" },
  fear: { light: "#6b2fa0", dark: "#cf9cff" },
  happy: { light: "#9a6700", dark: "#ffd54f" },
  sad: { light: "#1f5fbf", dark: "#82b1ff" },
  surprise: { light: "#b0246e", dark: "#ff80b5" },
  neutral: { light: "#4f5b66", dark: "#b0bec5" },
  uncertain: { light: "#4f5b66", dark: "#b0bec5" },
};

// FER+ has other words for three of them.
const SYNONYMS: Record<string, string> = { anger: "angry", happiness: "happy", sadness: "sad" };

const OTHER = { light: "#4f5b66", dark: "#b0bec5" };

/** The colour of a label's lines and bars, in the scheme that the page is shown in. */
export function colourOf(label: string, dark = isDark()): string {
  const colours = COLOURS[SYNONYMS[label] ?? label] ?? OTHER;
  return dark ? colours.dark : colours.light;
}

/** Both colours as CSS variables, for styles that choose by the scheme themselves. */
export function colourVariables(label: string): Record<string, string> {
  return { "--light": colourOf(label, false), "--dark": colourOf(label, true) };
}

/** Whether the page is shown in dark colours. */
export function isDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** A probability as people read it. */
export function percent(probability: number): string {
  return `${Math.round(probability * 100)} %`;
}
