import type { SourceDefinition } from '../definition.ts';
import { sourceDefinitions } from '../table.ts';
import type { HostDefinition } from './definition.ts';

/** The Git hosts that are listed by an API of their own, beside GitHub. */
export const hostDefinitions: readonly HostDefinition[] = sourceDefinitions.filter(isHost);

function isHost(definition: SourceDefinition): definition is HostDefinition {
  return 'urlVariable' in definition;
}
