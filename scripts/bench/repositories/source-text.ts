import type { SeededRandom } from './random.ts';

const syllables = 'al be cor de el fi gra ho in ja ket lo mi nu or pa qui res sta to un ver wi xe yo zu'.split(' ');
const starts = ['const ', 'return ', 'if (', 'await ', '// ', 'for (const ', 'export const ', 'this.', 'throw new '];
const joints = [' = ', '.', '(', ', ', ' + ', ') => ', ': ', ' && ', '[', ' ?? ', '; ', ' of '];

/** Writes lines that compress about as source code does, to a quarter. */
export class SourceText {
  readonly #random: SeededRandom;
  readonly #words: string[];

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#words = Array.from({ length: 4000 }, () => this.#word());
  }

  lines(count: number): string[] {
    return Array.from({ length: count }, () => this.#line());
  }

  /** Changes a file in place as a commit does: a few places, each replaced by about `changed` new lines in all. */
  edit(lines: string[], changed: number): void {
    const places = 1 + this.#random.below(3);
    for (let place = 0; place < places; place++) {
      const added = this.#random.skewed(changed / places);
      const removed = Math.min(lines.length, Math.max(0, added - this.#random.below(4)));
      lines.splice(this.#random.below(Math.max(1, lines.length - removed)), removed, ...this.lines(added));
    }
  }

  /** A short name, for a file or a folder. */
  name(): string {
    return this.#words[this.#random.below(this.#words.length)] ?? '';
  }

  /** A sentence, for a commit's message. */
  sentence(): string {
    return Array.from({ length: 3 + this.#random.below(8) }, () => this.name()).join(' ');
  }

  #line(): string {
    const random = this.#random;
    if (random.next() < 0.12) return '';
    let line = '  '.repeat(random.below(5)) + (starts[random.below(starts.length)] ?? '');
    const words = 1 + random.below(6);
    // Few words are used often and many seldom.
    for (let at = 0; at < words; at++)
      line +=
        (this.#words[Math.floor(this.#words.length * random.next() ** 3)] ?? '') +
        (joints[random.below(joints.length)] ?? '');
    return line;
  }

  #word(): string {
    const length = 2 + this.#random.below(3);
    return Array.from({ length }, () => syllables[this.#random.below(syllables.length)] ?? '').join('');
  }
}
