import { SingleBar } from 'cli-progress';
import { formatBytes, formatDuration } from './format.ts';

export interface ProgressOptions {
  shown: boolean;
  items: number;
}

const redrawMs = 100;

/** One line at the bottom of the terminal: items, bytes, rate, time left, and what is under way. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  readonly #items: number;
  readonly #started = performance.now();
  readonly #underWay = new Map<string, number>();
  #done = 0;
  #finishedBytes = 0;
  #drawn = 0;

  constructor(options: ProgressOptions) {
    this.#items = options.items;
    if (!options.shown || options.items === 0) return;
    this.#bar = new SingleBar({
      format: '{bar} {items} · {bytes} · {rate}/s{left} · {name}',
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      stream: process.stderr,
    });
    this.#bar.start(options.items, 0, this.#fields());
  }

  /** Bytes of one item so far; less than before when it begins anew. */
  update(name: string, bytes: number): void {
    this.#underWay.set(name, bytes);
    const now = performance.now();
    if (now - this.#drawn < redrawMs) return;
    this.#drawn = now;
    this.#bar?.update(this.#done, this.#fields());
  }

  finish(name: string): void {
    this.#finishedBytes += this.#underWay.get(name) ?? 0;
    this.#underWay.delete(name);
    this.#done++;
    this.#bar?.update(this.#done, this.#fields());
  }

  /** Prints something above the bar. */
  above(print: () => void): void {
    if (!this.#bar) {
      print();
      return;
    }
    process.stderr.write('\r\u001b[K');
    print();
    this.#bar.render();
  }

  stop(): void {
    this.#bar?.stop();
  }

  #fields(): Record<string, string> {
    const bytes = this.#finishedBytes + [...this.#underWay.values()].reduce((sum, value) => sum + value, 0);
    const elapsed = performance.now() - this.#started;
    const left =
      this.#done === 0 ? '' : ` · ${formatDuration((elapsed / this.#done) * (this.#items - this.#done))} left`;
    const names = [...this.#underWay.keys()];
    return {
      items: `${this.#done}/${this.#items}`,
      bytes: formatBytes(bytes),
      rate: formatBytes(elapsed === 0 ? 0 : (bytes / elapsed) * 1000),
      left,
      name: names.length > 1 ? `${names[0] ?? ''} and ${names.length - 1} more` : (names[0] ?? ''),
    };
  }
}
