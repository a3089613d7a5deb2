import type { CodeartifactClient } from '@aws-sdk/client-codeartifact';
import { hasCode, type HoldfastError } from '#core/runtime/errors.ts';
import { errorOf, type Meaning } from './api-error.ts';

/** A client of CodeArtifact in one region, and what its refusals mean to the caller. */
export class Connection {
  readonly client: CodeartifactClient;
  readonly region: string;
  readonly #meaning: Meaning;

  constructor(client: CodeartifactClient, region: string, meaning: Meaning) {
    this.client = client;
    this.region = region;
    this.#meaning = meaning;
  }

  /** @param what for the message: "cannot …" */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw this.errorOf(error, what);
    }
  }

  errorOf(error: unknown, what: string): HoldfastError {
    return errorOf(error, what, this.region, this.#meaning);
  }

  /** Undefined where there is no such thing. */
  async orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (hasCode(error, this.#meaning.missing)) return undefined;
      throw error;
    }
  }

  close(): void {
    this.client.destroy();
  }
}
