/** A map that is walked in the order of its keys from any key on, so that a listing goes on rightly after a change. */
export class SortedMap<Value> {
  readonly #values = new Map<string, Value>();
  #keys: string[] | undefined;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#keys = undefined;
    this.#values.set(key, value);
  }

  delete(key: string): boolean {
    return this.#values.delete(key);
  }

  /** Everything behind a key, in order; without a key, everything. */
  *after(key?: string): Generator<[key: string, value: Value]> {
    const keys = (this.#keys ??= [...this.#values.keys()].sort());
    for (let at = key === undefined ? 0 : firstBehind(keys, key); at < keys.length; at++) {
      const found = keys[at]!;
      const value = this.#values.get(found);
      if (value !== undefined) yield [found, value];
    }
  }

  /** Every value, in no order that means anything. */
  unsorted(): Iterable<Value> {
    return this.#values.values();
  }

  values(): Value[] {
    return [...this.after()].map(([, value]) => value);
  }
}

function firstBehind(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
