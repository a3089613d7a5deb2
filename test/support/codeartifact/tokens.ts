/** Authorization tokens: who got one, for which domain, and how long it is good for. */
import { randomBytes } from 'node:crypto';
import type { Domain } from './model.ts';

export interface Token {
  readonly value: string;
  readonly domain: Domain;
  readonly account: string;
  /** A test may set it to the past. */
  expires: Date;
}

export class Tokens {
  readonly #tokens = new Map<string, Token>();

  /** All so far: none of them may turn up anywhere else. */
  get values(): Token[] {
    return [...this.#tokens.values()];
  }

  /** As long as AWS's, and as hard to overlook in a log. */
  issue(domain: Domain, account: string, seconds: number): Token {
    const value = `eyJ2ZXIiOjEsImlzdSI6MTU2MTY0${randomBytes(480).toString('base64url')}`;
    const token = { value, domain, account, expires: new Date(Date.now() + seconds * 1000) };
    this.#tokens.set(value, token);
    return token;
  }

  /** The token behind a secret, if it is good for the domain. */
  check(secret: string, domain: Domain): Token | undefined {
    const token = this.#tokens.get(secret);
    return token?.domain === domain && token.expires.getTime() > Date.now() ? token : undefined;
  }

  /** Whether a text holds one. */
  isIn(text: string): boolean {
    if (!text.includes('eyJ2ZXIiOjEsImlzdSI6MTU2MTY0')) return false;
    return this.values.some(({ value }) => text.includes(value));
  }

  /** None is good any more, as when the role behind them was taken away. */
  revokeAll(): void {
    for (const token of this.#tokens.values()) token.expires = new Date(0);
  }
}
