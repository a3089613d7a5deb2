import type { Refs } from '#core/git/refs.ts';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { CreationLimits } from '#core/sources/github/github-writer.ts';
import type { Chosen } from '../plan.ts';

/** What stands at a place. */
export interface Standing {
  refs: Refs;
  /** Patterns of refs that are read-only there. */
  hidden: readonly string[];
  /** Whether others may read what is put there. */
  public?: boolean;
}

export interface Transfer {
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
  onPhase: (phase: Phase) => void;
}

/** How a transfer went. */
export interface Transferred {
  /** Refs that no client may write there. */
  leftOut: readonly string[];
  /** Refs that are not there as they were stored, by what the place lists afterwards, and why. */
  refused: readonly { name: string; reason: string }[];
  notes: readonly string[];
}

/** Where one repository of many goes. */
export interface Place {
  /** As a person writes it. */
  readonly name: string;
  /** What is there; undefined where there is nothing. @throws {HoldfastError} TargetNotEmpty for what is not a repository */
  look(): Promise<Standing | undefined>;
  /** Makes it, empty; absent where somebody else has to. @returns what could not be done, and why */
  make?(content: RepositoryContent): Promise<string[]>;
  restore(content: RepositoryContent, transfer: Transfer): Promise<Transferred>;
}

/** Where many repositories go. */
export interface Places {
  readonly name: string;
  /** What the credential is known to lack. */
  readonly lacks: readonly string[];
  readonly notes: readonly string[];
  /** Within what limits places are made. */
  readonly creation?: CreationLimits | undefined;
  /** Why such an item cannot go there; undefined where it can. */
  refuses(item: Chosen, content: RepositoryContent): { message: string; advice?: string | undefined } | undefined;
  /** @throws {HoldfastError} where no place of that name can be */
  place(item: Chosen): Place;
  close(): void;
}
