import * as v from 'valibot';
import { entryId, pathPart } from '../hosting/entries.ts';
import type { HostedRepository } from '../hosting/repository.ts';

/** A repository as the API of Gitea and Forgejo describes it (`Repository`): https://docs.gitea.com/api/ */
export const repositorySchema = v.pipe(
  v.object({
    id: entryId,
    name: pathPart,
    owner: v.object({ login: pathPart }),
    private: v.boolean(),
    /** For the users of the installation only. */
    internal: v.optional(v.boolean(), false),
    fork: v.optional(v.boolean(), false),
    archived: v.optional(v.boolean(), false),
    /** In KiB. */
    size: v.optional(v.number(), 0),
    has_code: v.optional(v.boolean(), true),
    has_wiki: v.optional(v.boolean(), false),
    /** A wiki that is kept elsewhere is not a repository here. */
    external_wiki: v.nullish(v.unknown()),
  }),
  v.transform((repository): HostedRepository => ({
    id: String(repository.id),
    path: [repository.owner.login, repository.name],
    private: repository.private || repository.internal,
    fork: repository.fork,
    archived: repository.archived,
    bytes: repository.size * 1024,
    wiki: repository.has_wiki && repository.external_wiki == null,
    unreadable: repository.has_code ? undefined : 'its code is switched off',
  })),
);
