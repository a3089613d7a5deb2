import type * as v from 'valibot';
import type { RefSelection } from '#core/git/refs.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { SecretReader } from '#core/runtime/secrets-manager.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import type { ObjectTags } from '#core/vault/storage/vault.ts';
import type { Objectives } from './objectives.ts';
import type { ListedSource, ReadNpmTags } from './source.ts';

/** How a deployment has a source's items taken; what is absent is as it is by default. */
export interface Taking {
  format?: RepositoryData['format'];
  refs?: RefSelection;
  tags?: ObjectTags;
  retry?: RetryPolicy;
  /** The most that is stored of the objects of Git LFS of one repository, in bytes. */
  lfsLimit?: number;
}

/** A source as a deployment describes it at this moment. */
export interface DeployedSource<From extends ListedSource = ListedSource, Options = Taking> {
  source: From;
  /** `s3://bucket/prefix`. */
  vault: string;
  options: Options;
  requestsPerMinute: number;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
  objectives: Objectives;
  close: () => void;
}

export interface DeployedRequest {
  /** That of the function. */
  env: NodeJS.ProcessEnv;
  /** In place of what the settings say, where a run has shared it out among its items. */
  requestsPerMinute?: number | undefined;
  signal: AbortSignal;
  readSecret?: SecretReader | undefined;
  /** How the tags of npm packages are read, which takes the protocol of a registry. */
  npmTags?: ((http: HttpClient) => ReadNpmTags) | undefined;
}

export interface SourceSecret {
  /** Its keys, each described by `setting`. */
  entries?(): Promise<v.ObjectEntries>;
  /** The keys by one of which it is told from the secrets of other sources. */
  readonly ownKeys: readonly string[];
  /**
   * Checks the text of a secret as a run would.
   * @throws {HoldfastError} ConfigurationInvalid
   */
  check(text: string, name: string): Promise<void>;
}

/** How a source is backed up in AWS. */
export interface Deployed {
  /** Loads early what will be needed in any case, and late otherwise. */
  preload(): Promise<unknown>;
  /** @throws {HoldfastError} ConfigurationInvalid */
  open(request: DeployedRequest): Promise<DeployedSource>;
  /** The secret with its settings, where they are not Terraform's. */
  readonly secret?: SourceSecret;
  /** Of which kind its events are, where it has any. */
  readonly events?: 'repositories' | 'packages';
}
