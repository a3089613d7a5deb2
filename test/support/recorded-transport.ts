/** Asks a repository that does not change once, and gives the same answers to all who ask again. */
import type { RequestBody, Service, Transport } from '#core/git/transport.ts';
import { collect, streamOf } from './streams.ts';

export class RecordedTransport implements Transport {
  readonly #inner: Transport;
  readonly #answers = new Map<string, Promise<Buffer>>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  get address(): string {
    return this.#inner.address;
  }

  async advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>> {
    return this.#once(`${service} ${version}`, () => this.#inner.advertisement(service, version));
  }

  async exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body.chunks) chunks.push(chunk);
    const question = Buffer.concat(chunks);
    return this.#once(`${service} ${version} ${question.toString('latin1')}`, async () => {
      await collect(await this.#inner.advertisement(service, version));
      return this.#inner.exchange(service, version, { length: question.length, chunks: [question] });
    });
  }

  close(): void {
    this.#inner.close();
  }

  async #once(question: string, ask: () => Promise<AsyncIterable<Buffer>>): Promise<AsyncIterable<Buffer>> {
    let answer = this.#answers.get(question);
    if (!answer) {
      answer = ask().then(collect);
      this.#answers.set(question, answer);
    }
    return streamOf(await answer);
  }
}
