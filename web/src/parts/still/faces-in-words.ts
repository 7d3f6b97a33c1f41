/** How many faces, as "2 faces". */
export function facesInWords(count: number): string {
  return count === 0 ? "no face" : `${count} ${count === 1 ? "face" : "faces"}`;
}
