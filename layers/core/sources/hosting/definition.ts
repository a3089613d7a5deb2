import type { SourceDefinition } from '../definition.ts';
import type { HostAddress } from './address.ts';
import type { GitHost } from './hosted-source.ts';

/** A sort of Git host with an API, as settings and the command line describe it; cheap to load. */
export interface HostDefinition extends SourceDefinition {
  readonly name: GitHost['source'];
  readonly label: string;
  /** What owns repositories there, for help and messages: `user or organisation`. */
  readonly owner: string;
  /** The environment variables that hold a token; the first that is set counts. */
  readonly tokenVariables: readonly [string, ...string[]];
  /** How the host's own command line is asked for the token with which it is logged in; undefined where none tells. */
  readonly ownToken?: { program: string; args: (host: string) => string[] };
  /** The environment variable that holds the address of the web pages. */
  readonly urlVariable: string;
  /** Where it is if nothing else is said; undefined where there is no such place. */
  readonly defaultUrl: string | undefined;
  /** Refs that the host makes itself and that a push may not set. */
  readonly hiddenRefs: readonly string[];
  /** @throws {HoldfastError} ConfigurationInvalid */
  readonly address: (url: string | undefined) => HostAddress;
  /** What speaks to it, loaded when it is needed. */
  load(): Promise<GitHost>;
}
