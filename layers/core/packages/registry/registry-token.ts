import { keepSecret } from '#core/runtime/redact.ts';
import type { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';

/** A token that ends sooner is replaced before a request that may take long. In milliseconds. */
const spareMs = 30 * 60_000;

/** Lends the token of a domain: fetched when it is first needed, and again when it is about to end or was refused. */
export class RegistryToken {
  readonly #api: Pick<RegistryApi, 'token'>;
  #current: Promise<{ token: string; goodUntil: number }> | undefined;

  constructor(api: Pick<RegistryApi, 'token'>) {
    this.#api = api;
  }

  /** @param refused the token that the registry has just refused */
  async get(refused?: string): Promise<string> {
    const known = await this.#current?.catch(() => undefined);
    if (known && known.goodUntil > Date.now() && known.token !== refused) return known.token;
    this.#current = this.#fetch();
    return (await this.#current).token;
  }

  async #fetch(): Promise<{ token: string; goodUntil: number }> {
    const { authorizationToken: token, expiration } = await this.#api.token();
    keepSecret(token);
    // As registries are sent it, and may repeat it.
    keepSecret(Buffer.from(`aws:${token}`).toString('base64'));
    // One that lives shorter than the spare time is used for half of its life.
    const life = expiration.getTime() - Date.now();
    return { token, goodUntil: Date.now() + Math.max(life - spareMs, life / 2) };
  }
}
