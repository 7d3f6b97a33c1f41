/** The last points of a track: a bounded number of them, in arrays that are never made anew. */

/** Keeps the newest `capacity` points, as arrays that a chart takes without a copy. */
export class Ring {
  private readonly times: Float64Array;
  private readonly columns: Float32Array[];
  private begin = 0;
  private end = 0;

  /** Twice the room, so that the newest points always lie in one piece. */
  constructor(
    readonly labels: readonly string[],
    private readonly capacity: number,
  ) {
    this.times = new Float64Array(2 * capacity);
    this.columns = labels.map(() => new Float32Array(2 * capacity));
  }

  /** How many points there are. */
  get length(): number {
    return this.end - this.begin;
  }

  /** The time of the newest point; minus infinity where there is none. */
  get newest(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : (this.times[this.end - 1] as number);
  }

  /** Add a point; the oldest one goes where there is no room. */
  push(time: number, probabilities: Record<string, number>): void {
    if (this.end === this.times.length) {
      this.moveToFront();
    }
    this.times[this.end] = time;
    for (const [index, label] of this.labels.entries()) {
      const column = this.columns[index] as Float32Array;
      column[this.end] = probabilities[label] ?? 0;
    }
    this.end += 1;
    this.begin = Math.max(this.begin, this.end - this.capacity);
  }

  /** Leave out what is older than this. */
  forgetBefore(time: number): void {
    while (this.begin < this.end && (this.times[this.begin] as number) < time) {
      this.begin += 1;
    }
  }

  /** The times and a column per label; they show the next points too, so use them at once. */
  view(): [Float64Array, ...Float32Array[]] {
    return [
      this.times.subarray(this.begin, this.end),
      ...this.columns.map((column) => column.subarray(this.begin, this.end)),
    ];
  }

  private moveToFront(): void {
    for (const column of [this.times, ...this.columns]) {
      column.copyWithin(0, this.begin, this.end);
    }
    this.end -= this.begin;
    this.begin = 0;
  }
}
