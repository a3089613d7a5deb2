import { code } from './code.ts';
import type { DatasetDefinition } from './dataset.ts';
import { lfs } from './lfs.ts';
import { discussions, issues, releases, settings } from './records.ts';
import { wiki } from './wiki.ts';

/** All that can be kept of a repository at GitHub, in the order in which it is listed. */
export const datasets: readonly DatasetDefinition[] = [code, wiki, lfs, issues, discussions, releases, settings];
