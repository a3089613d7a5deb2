import type { Environment } from '#core/runtime/environment.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { GivenOptions } from './applicable.ts';
import type { Output } from './output.ts';

/** What every verb is given. */
export interface Context {
  vault: Vault;
  output: Output;
  environment: Environment;
  /** Fires on Ctrl-C and on SIGTERM. */
  signal: AbortSignal;
  /** The options that were given, and not left at their defaults. */
  given: GivenOptions;
  /** Takes what to say, should the verb be stopped: what is kept, and how to go on. */
  onStop: (say: () => string) => void;
}
