import { HoldfastError } from '#core/runtime/errors.ts';
import { pageLength, type GitHubApi, type Listing } from './api.ts';
import { itemOf, type Repository } from './repository.ts';
import type { Scope } from './scope.ts';

/** So many pages in a row that bring nothing new are not an accident of paging: the server ignores the page number. */
const mostRepeatedPages = 5;

export interface Listed {
  /** Each repository once, oldest first. */
  repositories: Repository[];
  /** What speaks against the listing being whole. */
  warnings: string[];
}

/**
 * Reads all pages of a listing. What GitHub repeats is kept once; what it may have left out is warned of, since it
 * cannot be distinguished from what is not there.
 * @throws {HoldfastError} ProtocolViolation where the pages never end
 */
export async function listRepositories(api: GitHubApi, listing: Listing): Promise<Listed> {
  const byId = new Map<string, Repository>();
  const lengths: number[] = [];
  const repeated = new Set<string>();
  const hiddenBySso = new Set<string>();
  let announced = 0;
  let withoutNews = 0;
  for (let number = 1, more = true; more; number++) {
    const page = await api.repositories(listing, number);
    const knownBefore = byId.size;
    for (const repository of page.repositories) {
      const { id } = itemOf(repository);
      if (byId.has(id)) repeated.add(repository.fullName);
      else byId.set(id, repository);
    }
    for (const id of page.hiddenBySso) hiddenBySso.add(id);
    lengths.push(page.repositories.length);
    withoutNews = byId.size > knownBefore ? 0 : withoutNews + 1;
    if (withoutNews > mostRepeatedPages)
      throw new HoldfastError('ProtocolViolation', `GitHub's listing does not end: page ${number} holds nothing new`);
    announced = Math.max(announced, page.last ?? 0);
    more = page.hasNext || number < announced || page.repositories.length === pageLength;
  }
  return {
    repositories: [...byId.values()],
    warnings: [
      ...(repeated.size > 0 ? [`GitHub listed ${several(repeated)} twice; kept once`] : []),
      ...shortPages(lengths, announced),
      ...(hiddenBySso.size > 0
        ? [
            `repositories of organisations whose single sign-on the token is not authorised for are not listed; the ids of these organisations: ${[...hiddenBySso].join(', ')}`,
          ]
        : []),
    ],
  };
}

/** Only the last page may be short: another short one is a page of which something is missing. */
function shortPages(lengths: readonly number[], announced: number): string[] {
  const pages = Math.max(announced, lengths.findLastIndex((length) => length > 0) + 1);
  return lengths.slice(0, pages).flatMap((length, index) => {
    const least = index + 1 < pages ? pageLength : 1;
    return length < least
      ? [`page ${index + 1} of ${pages} held ${length} repositories instead of ${least}: some may be missing`]
      : [];
  });
}

/** Compares a listing with what the account says that it owns: how a page that is missing is noticed. */
export function missingFrom(repositories: readonly Repository[], owned: Scope['owned']): string[] {
  const own = repositories.filter((one) => one.owner.toLowerCase() === owned.login.toLowerCase());
  const count = (isPrivate: boolean): number => own.filter((one) => one.private === isPrivate).length;
  const compare = (kind: string, said: number | undefined, listed: number): string[] =>
    said !== undefined && said > listed
      ? [
          `${kind} repositories of ${owned.login}: GitHub counts ${said} and listed ${listed}; a page may be missing, or the token may not see all`,
        ]
      : [];
  return [...compare('public', owned.public, count(false)), ...compare('private', owned.private, count(true))];
}

function several(names: ReadonlySet<string>): string {
  const [first] = names;
  return names.size === 1 ? (first ?? '') : `${names.size} repositories (${first ?? ''}, …)`;
}
