import type { TokenProvider } from './token.ts';

/**
 * The token that a source uses now. Read when it is first needed, or before each request where it ends by itself; where the host refuses it, read once more, however
 * many requests were refused at the same time.
 */
export class Credential {
  readonly #provide: TokenProvider;
  #current: Promise<string | undefined> | undefined;
  #renewal: { refused: string; token: Promise<string | undefined> } | undefined;

  constructor(provide: TokenProvider) {
    this.#provide = provide;
  }

  token(): Promise<string | undefined> {
    if ('renews' in this.#provide) return this.#provide();
    this.#current ??= this.#provide().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  /** A token that is not the refused one; undefined where there is none, and the refusal stands. */
  async renewed(refused: string): Promise<string | undefined> {
    const current = await this.token();
    if (current !== refused) return current;
    if (this.#renewal?.refused !== refused) this.#renewal = { refused, token: this.#renew(refused) };
    const renewal = this.#renewal;
    try {
      return await renewal.token;
    } finally {
      if (this.#renewal === renewal) this.#renewal = undefined;
    }
  }

  async #renew(refused: string): Promise<string | undefined> {
    const token = await this.#provide(refused);
    if (token === undefined || token === refused) return undefined;
    this.#current = Promise.resolve(token);
    return token;
  }
}
