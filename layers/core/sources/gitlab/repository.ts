import * as v from 'valibot';
import { entryId, pathPart } from '../hosting/entries.ts';
import type { HostedRepository } from '../hosting/repository.ts';

const fullPath = v.pipe(
  v.string(),
  v.transform((text) => text.split('/')),
  v.array(pathPart),
  v.minLength(2, 'must name a group and a project'),
);

/** A project as GitLab's API describes it: https://docs.gitlab.com/api/projects/ */
export const projectSchema = v.pipe(
  v.object({
    id: entryId,
    path_with_namespace: fullPath,
    /** Left out of answers to requests without a token, which see public projects only. */
    visibility: v.optional(v.picklist(['private', 'internal', 'public']), 'public'),
    archived: v.optional(v.boolean(), false),
    forked_from_project: v.optional(v.unknown()),
    repository_access_level: v.optional(v.string(), 'enabled'),
    wiki_access_level: v.optional(v.string(), 'disabled'),
    /** Only for those who may see them. */
    statistics: v.nullish(v.object({ repository_size: v.optional(v.number()) })),
  }),
  v.transform((project): HostedRepository => ({
    id: String(project.id),
    path: project.path_with_namespace,
    private: project.visibility !== 'public',
    fork: project.forked_from_project !== undefined && project.forked_from_project !== null,
    archived: project.archived,
    bytes: project.statistics?.repository_size,
    wiki: project.wiki_access_level !== 'disabled',
    unreadable: project.repository_access_level === 'disabled' ? 'its repository is switched off' : undefined,
  })),
);
