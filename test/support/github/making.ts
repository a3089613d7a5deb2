/** What clients may change at the stand-in for GitHub: making repositories, switching their Actions, their default branch. */
import * as v from 'valibot';
import { git } from '../repositories.ts';
import { failure, type ApiAnswer, type ApiCall } from './api-answer.ts';
import { repository } from './api-repositories.ts';
import { usualContent } from './records/making.ts';
import type { Account, GitHubRepository } from './state.ts';

/** https://docs.github.com/en/rest/repos/repos#create-an-organization-repository */
const newRepositorySchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  private: v.optional(v.boolean(), false),
  auto_init: v.optional(v.literal(false), false),
});

const actionsSchema = v.strictObject({ enabled: v.boolean() });

/** https://docs.github.com/en/rest/repos/repos#update-a-repository */
const changeSchema = v.strictObject({
  default_branch: v.optional(v.string()),
  visibility: v.optional(v.picklist(['public', 'private', 'internal'])),
  description: v.optional(v.string()),
  homepage: v.optional(v.string()),
  ...v.entriesFromList(
    [
      'has_issues',
      'has_projects',
      'has_wiki',
      'has_discussions',
      'is_template',
      'allow_squash_merge',
      'allow_merge_commit',
      'allow_rebase_merge',
      'allow_auto_merge',
      'allow_update_branch',
      'delete_branch_on_merge',
      'web_commit_signoff_required',
    ],
    v.optional(v.boolean()),
  ),
});

type Change = (call: ApiCall, body: unknown, ...parts: string[]) => ApiAnswer | Promise<ApiAnswer>;

const changes: readonly [method: string, pattern: RegExp, change: Change][] = [
  ['POST', /^\/user\/repos$/, (call, body) => make(call, call.viewer && call.state.findAccount(call.viewer), body)],
  ['POST', /^\/orgs\/([^/]+)\/repos$/, (call, body, org = '') => make(call, organisation(call, org), body)],
  ['PUT', /^\/repos\/([^/]+)\/([^/]+)\/actions\/permissions$/, switchActions],
  ['PATCH', /^\/repos\/([^/]+)\/([^/]+)$/, changeRepository],
];

/** The answer to a request that changes something; undefined where there is no such endpoint. */
export function answerChange(
  call: ApiCall,
  { method, path, body }: { method: string; path: string; body: Buffer },
): ApiAnswer | Promise<ApiAnswer> | undefined {
  for (const [wanted, pattern, change] of changes) {
    const match = method === wanted ? pattern.exec(path) : null;
    if (!match) continue;
    if (call.viewer === undefined) return failure(401, 'Requires authentication');
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), body.toString('utf8'));
    if (!parsed.success) return failure(400, 'Problems parsing JSON');
    return change(call, parsed.output, ...match.slice(1).map(decodeURIComponent));
  }
  return undefined;
}

function organisation({ state, viewer = '' }: ApiCall, login: string): Account | undefined {
  const found = state.findAccount(login);
  return found?.type === 'Organization' && found.members.includes(viewer) ? found : undefined;
}

async function make(call: ApiCall, owner: Account | undefined | '', body: unknown): Promise<ApiAnswer> {
  if (owner === undefined || owner === '') return failure(404, 'Not Found');
  const parsed = v.safeParse(newRepositorySchema, body);
  if (!parsed.success) return failure(422, 'Validation Failed');
  // GitHub turns what it does not take into dashes.
  const name = parsed.output.name.replace(/[^\w.-]/g, '-');
  const fullName = `${owner.login}/${name}`;
  if (call.state.repositories.some((one) => one.fullName.toLowerCase() === fullName.toLowerCase()))
    return failure(422, 'Repository creation failed.', {
      errors: [
        { resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' },
      ],
    });
  const made = await call.state.addRepository(fullName, { private: parsed.output.private, shape: { commits: 0 } });
  usualContent(call.state.contentOf(made));
  return { ...repository(call, made), status: 201 };
}

function writable({ state, viewer = '' }: ApiCall, owner = '', name = ''): GitHubRepository | undefined {
  const found = state.findRepository(`${owner}/${name}`);
  return found && state.affiliation(viewer, found) === undefined ? undefined : found;
}

function switchActions(call: ApiCall, body: unknown, owner?: string, name?: string): ApiAnswer {
  const found = writable(call, owner, name);
  if (!found) return failure(404, 'Not Found');
  const parsed = v.safeParse(actionsSchema, body);
  if (!parsed.success) return failure(422, 'Validation Failed');
  found.actions = parsed.output.enabled;
  return { status: 204, body: {} };
}

async function changeRepository(call: ApiCall, body: unknown, owner?: string, name?: string): Promise<ApiAnswer> {
  const found = writable(call, owner, name);
  if (!found) return failure(404, 'Not Found');
  const parsed = v.safeParse(changeSchema, body);
  if (!parsed.success) return failure(422, 'Validation Failed');
  const { default_branch: branch, visibility, has_wiki: hasWiki, ...fields } = parsed.output;
  if (visibility !== undefined) found.private = visibility !== 'public';
  if (hasWiki !== undefined) found.hasWiki = hasWiki;
  Object.assign(call.state.contentOf(found).fields, fields);
  if (branch === undefined) return repository(call, found);
  const isThere = await git(found.path, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).then(
    () => true,
    () => false,
  );
  if (!isThere)
    return failure(
      422,
      `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`,
    );
  await git(found.path, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`);
  found.defaultBranch = branch;
  return repository(call, found);
}
