import * as v from 'valibot';
import type { ManifestItem } from '#core/vault/manifest.ts';

const name = v.pipe(v.string(), v.regex(/^(?!\.{1,2}$)[^/\p{Cc}]+$/u, 'must be a name'));

const cloneUrl = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be a web address'),
  v.transform((text) => new URL(text)),
);

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
    clone_url: cloneUrl,
  }),
  v.transform(({ owner, clone_url, ...rest }) => ({
    ...rest,
    owner: owner.login,
    fullName: `${owner.login}/${rest.name}`,
    cloneUrl: clone_url,
  })),
);

export type Repository = v.InferOutput<typeof repositorySchema>;

/** The numeric id survives renames and transfers. It is one GitHub's own: another host has the same ids for others. */
export function itemOf(repository: Repository): ManifestItem {
  return {
    source: 'github',
    id: String(repository.id),
    path: [repository.owner, repository.name],
    name: repository.fullName,
  };
}
