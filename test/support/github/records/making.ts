/**
 * What clients may make and change of a repository at the stand-in for GitHub beside its code, by GitHub's rules: names that
 * exist are refused, numbers are given one after the other and never twice, properties that the API does not have are
 * refused, and too many new things at once are too many.
 */
import type { components, operations } from '@octokit/openapi-types';
import * as v from 'valibot';
import type { RecordedRequest } from '../../recorded-request.ts';
import { git } from '../../repositories.ts';
import { failure, type ApiAnswer, type ApiCall } from '../api-answer.ts';
import type { GitHubRepository } from '../state.ts';
import { user, type Issue, type Label, type Release, type RepositoryContent } from './content.ts';

/** The body that an operation of GitHub's published description takes. */
type BodyOf<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

const text = v.pipe(v.string(), v.maxLength(65_536));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const lockReason = v.picklist(['off-topic', 'too heated', 'resolved', 'spam']);

/** Each is held by the compiler against GitHub's description: what it lets through, GitHub takes. */
function bodySchema<Operation extends keyof operations>() {
  return <Schema extends v.GenericSchema>(
    schema: v.InferInput<Schema> extends BodyOf<Operation> ? Schema : never,
  ): Schema => schema;
}

const newIssue = bodySchema<'issues/create'>()(
  v.strictObject({
    title: name,
    body: v.exactOptional(text),
    labels: v.exactOptional(v.array(v.string())),
    assignees: v.exactOptional(v.array(v.string())),
    milestone: v.exactOptional(v.number()),
  }),
);

const issueChange = bodySchema<'issues/update'>()(
  v.strictObject({
    title: v.exactOptional(name),
    body: v.exactOptional(text),
    labels: v.exactOptional(v.array(v.string())),
    assignees: v.exactOptional(v.array(v.string())),
    milestone: v.exactOptional(v.number()),
    state: v.exactOptional(v.picklist(['open', 'closed'])),
    state_reason: v.exactOptional(v.picklist(['completed', 'not_planned'])),
  }),
);

const newComment = bodySchema<'issues/create-comment'>()(v.strictObject({ body: v.pipe(text, v.minLength(1)) }));
const lock = v.strictObject({ lock_reason: v.exactOptional(lockReason) });

const newPull = bodySchema<'pulls/create'>()(
  v.strictObject({
    title: name,
    body: v.exactOptional(text),
    head: v.string(),
    base: v.string(),
    draft: v.exactOptional(v.boolean()),
  }),
);

const colour = v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/i));
const newLabel = bodySchema<'issues/create-label'>()(
  v.strictObject({
    name,
    color: v.exactOptional(colour),
    description: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
  }),
);
const labelChange = bodySchema<'issues/update-label'>()(
  v.strictObject({
    new_name: v.exactOptional(name),
    color: v.exactOptional(colour),
    description: v.exactOptional(v.string()),
  }),
);

const newMilestone = bodySchema<'issues/create-milestone'>()(
  v.strictObject({
    title: name,
    state: v.exactOptional(v.picklist(['open', 'closed'])),
    description: v.exactOptional(v.string()),
    due_on: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  }),
);

const newRelease = bodySchema<'repos/create-release'>()(
  v.strictObject({
    tag_name: v.pipe(v.string(), v.minLength(1)),
    target_commitish: v.exactOptional(v.string()),
    name: v.exactOptional(v.string()),
    body: v.exactOptional(v.pipe(v.string(), v.maxLength(125_000))),
    draft: v.exactOptional(v.boolean()),
    prerelease: v.exactOptional(v.boolean()),
    make_latest: v.exactOptional(v.picklist(['true', 'false', 'legacy'])),
  }),
);
const releaseChange = bodySchema<'repos/update-release'>()(
  v.strictObject({
    draft: v.exactOptional(v.boolean()),
    make_latest: v.exactOptional(v.picklist(['true', 'false', 'legacy'])),
  }),
);

const topics = bodySchema<'repos/replace-all-topics'>()(v.strictObject({ names: v.array(v.string()) }));

const enforcement = v.picklist(['disabled', 'active', 'evaluate']);
const newRuleset = v.strictObject({
  name: v.string(),
  target: v.exactOptional(v.picklist(['branch', 'tag', 'push'])),
  enforcement,
  conditions: v.exactOptional(v.unknown()),
  rules: v.exactOptional(v.array(v.looseObject({ type: v.string() }))),
  bypass_actors: v.exactOptional(v.array(v.unknown())),
});

const newHook = bodySchema<'repos/create-webhook'>()(
  v.strictObject({
    name: v.literal('web'),
    active: v.exactOptional(v.boolean()),
    events: v.exactOptional(v.array(v.string())),
    config: v.strictObject({
      url: v.string(),
      content_type: v.exactOptional(v.string()),
      insecure_ssl: v.exactOptional(v.string()),
    }),
  }),
);

const newAutolink = bodySchema<'repos/create-autolink'>()(
  v.strictObject({ key_prefix: v.string(), url_template: v.string(), is_alphanumeric: v.exactOptional(v.boolean()) }),
);
const newVariable = bodySchema<'actions/create-repo-variable'>()(
  v.strictObject({ name: v.string(), value: v.string() }),
);

interface Place {
  call: ApiCall;
  repository: GitHubRepository;
  content: RepositoryContent;
}

type Change = (place: Place, body: unknown, ...parts: string[]) => ApiAnswer | Promise<ApiAnswer>;

const changes: readonly [method: string, pattern: RegExp, change: Change][] = [
  ['POST', /^\/issues$/, makeIssue],
  ['PATCH', /^\/issues\/(\d+)$/, changeIssue],
  ['POST', /^\/issues\/(\d+)\/comments$/, makeComment],
  ['PUT', /^\/issues\/(\d+)\/lock$/, lockIssue],
  ['POST', /^\/pulls$/, makePull],
  ['POST', /^\/labels$/, makeLabel],
  ['PATCH', /^\/labels\/(.+)$/, changeLabel],
  ['DELETE', /^\/labels\/(.+)$/, removeLabel],
  ['POST', /^\/milestones$/, makeMilestone],
  ['DELETE', /^\/milestones\/(\d+)$/, removeMilestone],
  ['POST', /^\/releases$/, makeRelease],
  ['PATCH', /^\/releases\/(\d+)$/, changeRelease],
  ['DELETE', /^\/releases\/assets\/(\d+)$/, removeAsset],
  ['PUT', /^\/topics$/, (place, body) => setWhole(place, '/topics', topics, body)],
  ['POST', /^\/rulesets$/, (place, body) => addTo(place, '/rulesets', newRuleset, body, 'name')],
  ['POST', /^\/hooks$/, (place, body) => addTo(place, '/hooks', newHook, body)],
  ['POST', /^\/autolinks$/, (place, body) => addTo(place, '/autolinks', newAutolink, body, 'key_prefix')],
  ['POST', /^\/actions\/variables$/, makeVariable],
  ['PUT', /^\/branches\/([^/]+)\/protection$/, protect],
];

/** The answer to a request that makes or changes a record; undefined where it is none. */
export async function answerRecordChange(call: ApiCall, request: RecordedRequest): Promise<ApiAnswer | undefined> {
  const { method, path, body } = request;
  const [, isUpload, owner = '', repository = '', below = ''] =
    /^(\/api\/uploads)?\/repos\/([^/]+)\/([^/]+)(\/.+)$/.exec(path) ?? [];
  const uploaded = isUpload !== undefined && method === 'POST' ? /^\/releases\/(\d+)\/assets$/.exec(below) : null;
  const found = changes.find(([wanted, pattern]) => wanted === method && pattern.test(below));
  if (!uploaded && !found) return undefined;
  const refused = call.state.refusals.get(`${method} ${below}`) ?? tooMany(call, method);
  if (refused) return refused;
  const at = call.state.findRepository(`${owner}/${repository}`);
  if (!at || call.state.affiliation(call.viewer, at) === undefined) return failure(404, 'Not Found');
  const place = { call, repository: at, content: call.state.contentOf(at) };
  if (uploaded) return addAsset(place, Number(uploaded[1]), request.query.get('name') ?? '', body);
  const parts = found?.[1].exec(below)?.slice(1) ?? [];
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), body.length === 0 ? '{}' : body.toString('utf8'));
  if (!parsed.success) return failure(400, 'Problems parsing JSON');
  call.state.made.push(`${method} ${path}`);
  return found?.[2](place, parsed.output, ...parts);
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
function tooMany({ state }: ApiCall, method: string): ApiAnswer | undefined {
  if (method !== 'POST' || state.creationsLeft === undefined) return undefined;
  if (state.creationsLeft > 0) {
    state.creationsLeft--;
    return undefined;
  }
  state.creationsLeft = state.creationsLater;
  const message = 'You have exceeded a secondary rate limit and have been temporarily blocked from content creation.';
  return { ...failure(403, message), headers: { 'retry-after': '1' } };
}

function invalid(issues: readonly v.BaseIssue<unknown>[]): ApiAnswer {
  const errors = issues.map((issue) => ({ resource: 'Issue', code: 'invalid', field: v.getDotPath(issue) ?? '' }));
  return failure(422, 'Validation Failed', { errors });
}

function taken(resource: string, field: string): ApiAnswer {
  return failure(422, 'Validation Failed', { errors: [{ resource, code: 'already_exists', field }] });
}

/** Labels that are new are made along with the issue, as GitHub does for those who may write. */
function labelsNamed(content: RepositoryContent, names: readonly string[]): Issue['labels'] {
  return names.map((one) => {
    if (!content.labels.some((label) => label.name.toLowerCase() === one.toLowerCase())) content.label(one);
    return content.labels.find((label) => label.name.toLowerCase() === one.toLowerCase()) ?? one;
  });
}

function makeIssue({ call, content }: Place, body: unknown): ApiAnswer {
  const parsed = v.safeParse(newIssue, body);
  if (!parsed.success) return invalid(parsed.issues);
  const { title, body: said = '', labels = [], milestone } = parsed.output;
  const at = content.milestones.find(({ number }) => number === milestone) ?? null;
  if (milestone !== undefined && !at)
    return failure(422, 'Validation Failed', { errors: [{ field: 'milestone', code: 'invalid' }] });
  const number = content.openIssue(title, said, call.viewer);
  content.editIssue(number, { labels: labelsNamed(content, labels), milestone: at });
  return { status: 201, body: structuredClone(content.issues.get(number) ?? {}) };
}

async function makePull({ call, repository, content }: Place, body: unknown): Promise<ApiAnswer> {
  const parsed = v.safeParse(newPull, body);
  if (!parsed.success) return invalid(parsed.issues);
  const { title, body: said = '', head, base, draft = false } = parsed.output;
  if (draft && call.state.refusesDrafts)
    return failure(422, 'Draft pull requests are not supported in this repository.');
  const [ahead, behind] = await Promise.all([head, base].map((branch) => commitOf(repository, branch)));
  if (ahead === undefined || behind === undefined)
    return failure(422, 'Validation Failed', { errors: [{ field: 'head', code: 'invalid' }] });
  if (ahead === behind)
    return failure(422, 'Validation Failed', { errors: [{ message: `No commits between ${base} and ${head}` }] });
  const isThere = [...content.pulls.values()].some(
    (one) => one.state === 'open' && one.head.ref === head && one.base.ref === base,
  );
  if (isThere)
    return failure(422, 'Validation Failed', {
      errors: [{ message: `A pull request already exists for acme:${head}.` }],
    });
  const number = content.openPull(title, said, call.viewer);
  const pull = content.pulls.get(number);
  if (pull)
    Object.assign(pull, {
      draft,
      head: { ...pull.head, ref: head, sha: ahead },
      base: { ...pull.base, ref: base, sha: behind },
    });
  return { status: 201, body: structuredClone(pull ?? {}) };
}

async function commitOf({ path }: GitHubRepository, branch: string): Promise<string | undefined> {
  return git(path, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).then(
    (found) => found.trim(),
    () => undefined,
  );
}

function changeIssue({ content }: Place, body: unknown, number = ''): ApiAnswer {
  const parsed = v.safeParse(issueChange, body);
  if (!parsed.success) return invalid(parsed.issues);
  const found = content.issues.get(Number(number));
  if (!found) return failure(404, 'Not Found');
  const { labels, milestone, assignees: _, state_reason: reason, state, ...plain } = parsed.output;
  const at = content.milestones.find((one) => one.number === milestone);
  content.editIssue(Number(number), {
    ...plain,
    ...(labels ? { labels: labelsNamed(content, labels) } : {}),
    ...(at ? { milestone: at } : {}),
    ...(state ? { state } : {}),
    ...(state === 'closed' ? { state_reason: reason ?? 'completed', closed_at: found.updated_at } : {}),
  });
  return { status: 200, body: structuredClone(content.issues.get(Number(number)) ?? {}) };
}

function makeComment({ call, content }: Place, body: unknown, number = ''): ApiAnswer {
  const parsed = v.safeParse(newComment, body);
  if (!parsed.success) return invalid(parsed.issues);
  if (!content.issues.has(Number(number))) return failure(404, 'Not Found');
  const id = content.comment(Number(number), parsed.output.body, call.viewer);
  return { status: 201, body: structuredClone(content.comments.get(id) ?? {}) };
}

function lockIssue({ content }: Place, body: unknown, number = ''): ApiAnswer {
  const parsed = v.safeParse(lock, body);
  if (!parsed.success) return invalid(parsed.issues);
  content.editIssue(Number(number), { locked: true, active_lock_reason: parsed.output.lock_reason ?? null });
  return { status: 204, body: {} };
}

function labelAt(content: RepositoryContent, encoded: string): Label | undefined {
  const wanted = decodeURIComponent(encoded).toLowerCase();
  return content.labels.find((label) => label.name.toLowerCase() === wanted);
}

function makeLabel({ content }: Place, body: unknown): ApiAnswer {
  const parsed = v.safeParse(newLabel, body);
  if (!parsed.success) return invalid(parsed.issues);
  if (labelAt(content, encodeURIComponent(parsed.output.name))) return taken('Label', 'name');
  content.label(parsed.output.name);
  const made = content.labels.at(-1);
  if (made) Object.assign(made, parsed.output);
  return { status: 201, body: structuredClone(made ?? {}) };
}

function changeLabel({ content }: Place, body: unknown, encoded = ''): ApiAnswer {
  const parsed = v.safeParse(labelChange, body);
  if (!parsed.success) return invalid(parsed.issues);
  const found = labelAt(content, encoded);
  if (!found) return failure(404, 'Not Found');
  const { new_name, ...rest } = parsed.output;
  Object.assign(found, rest, new_name === undefined ? {} : { name: new_name });
  return { status: 200, body: found };
}

function removeLabel({ content }: Place, _body: unknown, encoded = ''): ApiAnswer {
  const found = labelAt(content, encoded);
  if (!found) return failure(404, 'Not Found');
  content.labels.splice(content.labels.indexOf(found), 1);
  return { status: 204, body: {} };
}

function makeMilestone({ content }: Place, body: unknown): ApiAnswer {
  const parsed = v.safeParse(newMilestone, body);
  if (!parsed.success) return invalid(parsed.issues);
  const { title, state = 'open', description = null, due_on = null } = parsed.output;
  if (content.milestones.some((one) => one.title === title)) return taken('Milestone', 'title');
  content.milestone(title);
  const made = content.milestones.at(-1);
  if (made) Object.assign(made, { state, description, due_on });
  return { status: 201, body: structuredClone(made ?? {}) };
}

function removeMilestone({ content }: Place, _body: unknown, number = ''): ApiAnswer {
  const at = content.milestones.findIndex((one) => one.number === Number(number));
  if (at < 0) return failure(404, 'Not Found');
  content.milestones.splice(at, 1);
  return { status: 204, body: {} };
}

function makeRelease({ call, content }: Place, body: unknown): ApiAnswer {
  const parsed = v.safeParse(newRelease, body);
  if (!parsed.success) return invalid(parsed.issues);
  const { tag_name: tag, make_latest: _, ...more } = parsed.output;
  // Drafts may share a tag.
  if (more.draft !== true && content.releases.some((one) => one.tag_name === tag && !one.draft))
    return taken('Release', 'tag_name');
  const made = content.release(tag, {}, { ...(more as Partial<Release>), author: user(call.viewer ?? '') });
  return { status: 201, body: structuredClone(made) };
}

async function changeRelease({ repository, content }: Place, body: unknown, id = ''): Promise<ApiAnswer> {
  const parsed = v.safeParse(releaseChange, body);
  if (!parsed.success) return invalid(parsed.issues);
  const found = content.releases.find((one) => one.id === Number(id));
  if (!found) return failure(404, 'Not Found');
  if (parsed.output.draft === false) {
    const isTag = await git(repository.path, 'rev-parse', '--verify', '--quiet', `refs/tags/${found.tag_name}`).then(
      () => true,
      () => false,
    );
    // GitHub makes the tag, where the default branch is.
    if (!isTag) await git(repository.path, 'tag', found.tag_name);
    if (content.releases.some((one) => one !== found && one.tag_name === found.tag_name && !one.draft))
      return taken('Release', 'tag_name');
    Object.assign(found, { draft: false });
  }
  return { status: 200, body: structuredClone(found) };
}

function addAsset({ call, content }: Place, id: number, file: string, bytes: Buffer): ApiAnswer {
  const found = content.releases.find((one) => one.id === id);
  if (!found) return failure(404, 'Not Found');
  if (found.assets.some((one) => one.name === file)) return taken('ReleaseAsset', 'name');
  const made = content.addAsset(found, file, bytes);
  call.state.made.push(`UPLOAD ${file}`);
  return { status: 201, body: structuredClone(made) };
}

function removeAsset({ content }: Place, _body: unknown, id = ''): ApiAnswer {
  for (const release of content.releases) {
    const at = release.assets.findIndex((one) => one.id === Number(id));
    if (at < 0) continue;
    release.assets.splice(at, 1);
    return { status: 204, body: {} };
  }
  return failure(404, 'Not Found');
}

function setWhole({ content }: Place, path: string, schema: v.GenericSchema, body: unknown): ApiAnswer {
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) return invalid(parsed.issues);
  content.settings.set(path, parsed.output);
  return { status: 200, body: parsed.output as object };
}

function addTo({ content }: Place, path: string, schema: v.GenericSchema, body: unknown, unique?: string): ApiAnswer {
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) return invalid(parsed.issues);
  const there = (content.settings.get(path) ?? []) as Record<string, unknown>[];
  const given = parsed.output as Record<string, unknown>;
  if (unique !== undefined && there.some((one) => one[unique] === given[unique])) return taken('Setting', unique);
  const made = { id: 7000 + there.length, source_type: 'Repository', ...given };
  content.settings.set(path, [...there, made]);
  if (path === '/rulesets') content.settings.set(`${path}/${made.id}`, made);
  return { status: 201, body: made };
}

function makeVariable({ content }: Place, body: unknown): ApiAnswer {
  const parsed = v.safeParse(newVariable, body);
  if (!parsed.success) return invalid(parsed.issues);
  const { variables } = (content.settings.get('/actions/variables') ?? { variables: [] }) as {
    variables: { name: string }[];
  };
  if (variables.some((one) => one.name === parsed.output.name))
    return failure(409, 'Already exists - Variable already exists');
  content.settings.set('/actions/variables', { variables: [...variables, parsed.output] });
  return { status: 201, body: {} };
}

/** https://docs.github.com/en/rest/branches/branch-protection#update-branch-protection: these four must be there. */
const protection = v.looseObject({
  required_status_checks: v.nullable(v.unknown()),
  enforce_admins: v.nullable(v.boolean()),
  required_pull_request_reviews: v.nullable(v.unknown()),
  restrictions: v.nullable(v.unknown()),
});

async function protect({ repository, content }: Place, body: unknown, branch = ''): Promise<ApiAnswer> {
  const parsed = v.safeParse(protection, body);
  if (!parsed.success) return invalid(parsed.issues);
  if ((await commitOf(repository, decodeURIComponent(branch))) === undefined) return failure(404, 'Branch not found');
  content.settings.set(`/branches/${branch}/protection`, parsed.output);
  return { status: 200, body: parsed.output };
}

/** What GitHub puts into every new repository. */
export function usualContent(content: RepositoryContent): void {
  for (const list of ['/rulesets', '/hooks', '/autolinks']) content.settings.set(list, []);
  content.settings.set('/actions/variables', { variables: [] });
  for (const [label, color] of [
    ['bug', 'd73a4a'],
    ['enhancement', 'a2eeef'],
    ['wontfix', 'ffffff'],
  ] as const) {
    content.label(label);
    const made: components['schemas']['label'] | undefined = content.labels.at(-1);
    if (made) Object.assign(made, { color, default: true, description: 'made by GitHub' });
  }
}
