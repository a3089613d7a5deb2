import { parseSource } from '#core/sources/table.ts';
import type { Source } from '#core/vault/layout.ts';

/** What is restored: the whole vault, a source, or what is at or below a path of one. */
export interface Scope {
  source: Source | undefined;
  path: readonly string[];
}

/** @throws {HoldfastError} Usage where the text does not begin with a source */
export function parseScope(typed: string | undefined): Scope {
  if (typed === undefined) return { source: undefined, path: [] };
  const [first = '', ...path] = typed.replace(/\/+$/, '').split('/');
  return { source: parseSource(first), path };
}
