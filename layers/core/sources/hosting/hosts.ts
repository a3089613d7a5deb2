import { giteaDefinition } from '../gitea/index.ts';
import { gitLabDefinition } from '../gitlab/index.ts';
import type { HostDefinition } from './definition.ts';

/** The Git hosts that are listed by an API of their own, beside GitHub. */
export const hostDefinitions: readonly HostDefinition[] = [gitLabDefinition, giteaDefinition];
