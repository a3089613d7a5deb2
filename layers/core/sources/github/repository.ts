import * as v from 'valibot';
import type { ManifestItem } from '#core/vault/manifest.ts';

const name = v.pipe(v.string(), v.regex(/^(?!\.{1,2}$)[^/\p{Cc}]+$/u, 'must be a name'));

/** A repository as all listings describe it: https://docs.github.com/en/rest/repos/repos */
export const repositorySchema = v.pipe(
  v.object({
    id: v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(1, 'must be positive')),
    name,
    owner: v.object({ login: name }),
    private: v.boolean(),
    fork: v.boolean(),
    archived: v.optional(v.boolean(), false),
    /** In KiB, and only roughly. */
    size: v.optional(v.number(), 0),
    clone_url: v.string(),
    has_wiki: v.optional(v.boolean(), true),
    has_discussions: v.optional(v.boolean(), false),
  }),
  v.transform(({ owner, clone_url, has_wiki, has_discussions, ...rest }) => ({
    ...rest,
    hasWiki: has_wiki,
    hasDiscussions: has_discussions,
    owner: owner.login,
    fullName: `${owner.login}/${rest.name}`,
    cloneUrl: clone_url,
  })),
);

export type Repository = v.InferOutput<typeof repositorySchema> & {
  /** Why it cannot be backed up, though it is listed. */
  problem?: string;
};

const identified = v.object({ id: repositorySchema.pipe[0].entries.id });

/**
 * An entry of a listing. One that is not as the API describes it costs no other: it stands for a repository of which only
 * the id is known, and that is reported as failed.
 * @param place of the entry in the listing, for one without an id
 */
export function parseEntry(entry: unknown, place: string): Repository {
  const result = v.safeParse(repositorySchema, entry);
  if (result.success) return result.output;
  const known = v.safeParse(identified, entry);
  const id = known.success ? known.output.id : 0;
  const where = v.getDotPath(result.issues[0]) ?? 'the whole';
  return {
    id,
    owner: '',
    name: known.success ? String(id) : place,
    fullName: known.success ? `the repository with the id ${id}` : `the repository at ${place}`,
    private: true,
    fork: false,
    archived: false,
    size: 0,
    cloneUrl: '',
    hasWiki: false,
    hasDiscussions: false,
    problem: `its description by GitHub does not follow the API: ${where} cannot be used`,
  };
}

/** The numeric id survives renames and transfers. It is one GitHub's own: another host has the same ids for others. */
export function itemOf(repository: Repository): ManifestItem {
  return {
    source: 'github',
    id: repository.id === 0 ? repository.name : String(repository.id),
    path: [repository.owner, repository.name],
    name: repository.fullName,
  };
}
