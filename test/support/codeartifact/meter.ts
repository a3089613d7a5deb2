/** Counts calls by operation, and limits them where a test wants it. */
export class Meter {
  /** Calls a second that an operation allows; what goes beyond is throttled. Default: none. */
  readonly limits = new Map<string, number>();
  /** Refused by `limits` so far. */
  throttled = 0;
  readonly #operations = new Map<string, { calls: number; highest: number; recent: number[]; start: number }>();

  /** Counts a call; false if it is one too many. */
  admit(operation: string, now = performance.now()): boolean {
    let known = this.#operations.get(operation);
    if (!known) this.#operations.set(operation, (known = { calls: 0, highest: 0, recent: [], start: 0 }));
    const { recent } = known;
    known.calls += 1;
    while (known.start < recent.length && recent[known.start]! <= now - 1000) known.start += 1;
    if (known.start > 10_000) {
      recent.splice(0, known.start);
      known.start = 0;
    }
    recent.push(now);
    const rate = recent.length - known.start;
    known.highest = Math.max(known.highest, rate);
    if (rate <= (this.limits.get(operation) ?? Infinity)) return true;
    recent.pop();
    this.throttled += 1;
    return false;
  }

  /** Calls so far, the throttled ones included. */
  calls(operation: string): number {
    return this.#operations.get(operation)?.calls ?? 0;
  }

  /** The most calls that came within any second. */
  highestRate(operation: string): number {
    return this.#operations.get(operation)?.highest ?? 0;
  }

  /** Operation → calls so far. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#operations].map(([name, { calls }]) => [name, calls]));
  }

  reset(): void {
    this.#operations.clear();
    this.throttled = 0;
  }
}
