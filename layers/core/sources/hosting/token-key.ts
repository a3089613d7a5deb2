import type { HostDefinition } from './definition.ts';

/** The key of a host's token in the secret of its settings: `TOKEN_GITLAB`. */
export function tokenKey({ name }: Pick<HostDefinition, 'name'>): string {
  return `TOKEN_${name.toUpperCase()}`;
}
