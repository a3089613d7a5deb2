import type { RequestBody, Service, Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Chance } from './chance.ts';
import type { Counts } from './counts.ts';
import type { History } from './history.ts';

/** A Git server whose repository moves on while it is asked, and whose answers get lost, cut, flipped or refused. */
export class HurtTransport implements Transport {
  readonly address = 'the server';
  readonly #history: History;
  readonly #chance: Chance;
  readonly #counts: Counts;
  readonly #probability: number;

  constructor(history: History, chance: Chance, counts: Counts, probability: number) {
    this.#history = history;
    this.#chance = chance;
    this.#counts = counts;
    this.#probability = probability;
  }

  async advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>> {
    if (this.#chance.happens(0.05)) this.#history.moveOn();
    return this.#hurt(await this.#history.transport.advertisement(service, version), 'list');
  }

  async exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>> {
    if (this.#chance.happens(0.05)) this.#history.moveOn();
    return this.#hurt(await this.#history.transport.exchange(service, version, body), 'pack');
  }

  close(): void {
    // The history closes what it opened.
  }

  #hurt(answer: AsyncIterable<Buffer>, what: 'list' | 'pack'): AsyncIterable<Buffer> {
    if (!this.#chance.happens(this.#probability)) return answer;
    this.#counts.faults++;
    const way = this.#chance.among(['refused', 'cut', 'lost', 'stalled', 'flipped']);
    if (way === 'refused')
      throw new HoldfastError('Unavailable', 'the server answers 503', { transient: this.#chance.happens(0.8) });
    // A flip in a list of refs is what TLS is there for; in a pack the hash finds it.
    return this.#harmed(answer, way === 'flipped' && what === 'list' ? 'lost' : way);
  }

  async *#harmed(answer: AsyncIterable<Buffer>, way: string): AsyncGenerator<Buffer> {
    for await (const chunk of answer) {
      if (this.#chance.happens(0.5)) {
        yield chunk;
        continue;
      }
      const at = this.#chance.below(chunk.length);
      if (way === 'flipped') {
        const flipped = Buffer.from(chunk);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << this.#chance.below(8));
        yield flipped;
        continue;
      }
      yield chunk.subarray(0, at);
      if (way === 'cut') return;
      throw new HoldfastError(way === 'stalled' ? 'Stalled' : 'Truncated', `the connection was ${way}`, {
        transient: true,
      });
    }
  }
}
