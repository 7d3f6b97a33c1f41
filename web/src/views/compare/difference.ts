/** How far apart two probabilities are, as people read it. */

// What rounding in 32-bit arithmetic leaves.
const NEGLIGIBLE = 1e-5;

/** A difference between probabilities, 0 to 1, in words. */
export function differenceInWords(difference: number): string {
  if (difference === 0) {
    return "none at all";
  }
  if (difference < NEGLIGIBLE) {
    return `${scientific(difference)}: none that matters`;
  }
  const points = difference * 100;
  return `${points < 1 ? points.toPrecision(2) : points.toFixed(1)} percentage points`;
}

function scientific(value: number): string {
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits} · 10${raised(Number(exponent))}`;
}

function raised(exponent: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  const all = [...String(Math.abs(exponent))].map((digit) => digits[Number(digit)]).join("");
  return exponent < 0 ? `⁻${all}` : all;
}
