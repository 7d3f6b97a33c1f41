/** A model's figures as people read them. */

/** Names and values, in the order they came: "public_test_macro_f1" as "Public test macro F1". */
export function metricsInWords(metrics: Record<string, number>): [string, string][] {
  return Object.entries(metrics).map(([name, value]) => [nameInWords(name), valueInWords(value)]);
}

function nameInWords(name: string): string {
  const words = name.replaceAll("_", " ").replace(/\bf1\b/, "F1");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// Shares are percentages; what is beyond 1 is no share.
function valueInWords(value: number): string {
  return value >= 0 && value <= 1 ? `${(value * 100).toFixed(1)} %` : value.toPrecision(4);
}
