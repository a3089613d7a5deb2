import type { SourceDefinition } from '../definition.ts';
import { code } from './datasets/code.ts';
import { datasets } from './datasets/table.ts';

/** GitHub, at github.com or as GitHub Enterprise. */
export const gitHubDefinition: SourceDefinition = {
  name: 'github',
  kindOf: ([, , dataset = code.name]) => datasets.find(({ name }) => name === dataset)?.kind ?? code.kind,
};
