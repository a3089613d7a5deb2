import type { createLogUpdate } from 'log-update';
import type { Phase } from '#core/runtime/phase.ts';
import type { progressLines } from './progress-lines.ts';
import { Rate } from './rate.ts';

export interface ProgressOptions {
  /** Where to draw; undefined draws nothing. */
  stream: NodeJS.WriteStream | undefined;
  items: number;
  /** How many bytes all items have together, where that is known. */
  bytes?: number | undefined;
}

/** One thing under way. */
interface UnderWay {
  bytes: number;
  /** How many bytes it will be; undefined where that is not known beforehand. */
  total: number | undefined;
  phase: Phase | undefined;
  /** When its bytes last grew, as `performance.now()` gives it. */
  grewAt: number;
}

/** How often the lines are drawn again, in milliseconds: a person sees that something lives, and no more is needed. */
const redrawMs = 200;
/** After this long a silence, in milliseconds, what is received counts as waited for. */
const silentMs = 2_000;

/**
 * The lines at the bottom of a terminal: items, bytes, rate, time, and what is under way. What is printed meanwhile
 * goes above them.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream | undefined;
  readonly #items: number;
  readonly #started = performance.now();
  readonly #rate = new Rate();
  readonly #underWay = new Map<string, UnderWay>();
  readonly #timer: NodeJS.Timeout | undefined;
  #lines: ReturnType<typeof createLogUpdate> | undefined;
  #compose: typeof progressLines | undefined;
  #stopped = false;
  #done = 0;
  #doneBytes = 0;
  /** The bytes of all items, where they are known. */
  #total: number | undefined;

  constructor({ stream, items, bytes }: ProgressOptions) {
    this.#items = items;
    this.#total = bytes;
    if (!stream || items === 0) return;
    this.#stream = stream;
    this.#timer = setInterval(() => this.#draw(), redrawMs);
    // It must not be what keeps the process alive.
    this.#timer.unref();
    void this.#begin(stream);
  }

  /** An item is begun, of so many bytes where that is known. */
  start(name: string, total?: number): void {
    const { bytes = 0, phase } = this.#underWay.get(name) ?? {};
    this.#underWay.set(name, { bytes, total, phase, grewAt: performance.now() });
    if (this.#items === 1) this.#total ??= total;
  }

  phase(name: string, phase: Phase): void {
    const item = this.#item(name);
    item.phase = phase;
    item.grewAt = performance.now();
  }

  /** Bytes of one item so far; less than before when it begins again. */
  update(name: string, bytes: number): void {
    const item = this.#item(name);
    this.#rate.add(Math.max(0, bytes - item.bytes));
    item.bytes = bytes;
    item.grewAt = performance.now();
  }

  finish(name: string): void {
    this.#doneBytes += this.#underWay.get(name)?.bytes ?? 0;
    this.#underWay.delete(name);
    this.#done++;
  }

  /** Prints something above the lines. */
  above(print: () => void): void {
    this.#lines?.clear();
    print();
    this.#draw();
  }

  /** Takes the lines away, for good. May be called again. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#lines?.clear();
    this.#lines?.done();
    this.#lines = undefined;
  }

  /** Loaded only where something is drawn, since it costs the start of the program some milliseconds. */
  async #begin(stream: NodeJS.WriteStream): Promise<void> {
    const [{ createLogUpdate }, { progressLines }] = await Promise.all([
      import('log-update'),
      import('./progress-lines.ts'),
    ]);
    if (this.#stopped) return;
    this.#compose = progressLines;
    this.#lines = createLogUpdate(stream);
    this.#draw();
  }

  #item(name: string): UnderWay {
    const found = this.#underWay.get(name);
    if (found) return found;
    const begun = { bytes: 0, total: undefined, phase: undefined, grewAt: performance.now() };
    this.#underWay.set(name, begun);
    return begun;
  }

  #draw(): void {
    if (!this.#lines || !this.#compose || !this.#stream) return;
    const [first] = this.#underWay;
    const items = [...this.#underWay.values()];
    const bytes = this.#doneBytes + items.reduce((sum, item) => sum + item.bytes, 0);
    this.#lines(
      this.#compose(
        {
          done: this.#done,
          items: this.#items,
          parts: items.reduce((sum, item) => sum + partOf(item), 0),
          bytes,
          total: this.#total,
          rate: this.#rate.perSecond(),
          elapsedMs: performance.now() - this.#started,
          name: first?.[0],
          phase: first && phaseOf(first[1]),
          others: Math.max(0, items.length - 1),
        },
        // A character in the last column makes some terminals wrap.
        (this.#stream.columns || 80) - 1,
      ),
    );
  }
}

/** The share of an item that is done, 0 to 1, as far as its bytes tell. */
function partOf({ bytes, total }: UnderWay): number {
  return total === undefined || total === 0 ? 0 : Math.min(1, bytes / total);
}

function phaseOf({ phase, grewAt }: UnderWay): Phase | undefined {
  const silent = performance.now() - grewAt > silentMs;
  return phase === 'receiving' && silent ? 'waiting for the server' : phase;
}
