import type { Environment } from '#core/runtime/environment.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { GivenOptions } from './applicable.ts';
import type { Output } from './output.ts';

/** What every verb is given. */
export interface Context {
  vault: Vault;
  output: Output;
  environment: Environment;
  /** Fires on Ctrl-C. */
  signal: AbortSignal;
  /** The options that were given, and not left at their defaults. */
  given: GivenOptions;
}
