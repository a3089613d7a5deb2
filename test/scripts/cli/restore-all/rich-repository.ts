/** A repository at the stand-in for GitHub with something of everything that is kept of one. */
import type { GitHub } from '../../../support/github-server.ts';
import type { GitHubRepository } from '../../../support/github/state.ts';
import type { RepositoryContent } from '../../../support/github/records/content.ts';
import { refsOf } from '../../../support/repositories.ts';

export async function richRepository(github: GitHub, fullName: string): Promise<GitHubRepository> {
  const repository = await github.addRepository(fullName, {
    private: true,
    shape: { commits: 3, branches: ['feature', 'old'], tags: ['v1', 'v2'] },
    wiki: { commits: 1 },
  });
  const content = github.contentOf(repository);
  await fill(content, repository);
  return repository;
}

/** Numbers: 1 issue, 2 deleted, 3 discussion, 4 open pull request, 5 merged one, 6 issue. */
export async function fill(content: RepositoryContent, repository: Pick<GitHubRepository, 'path'>): Promise<void> {
  content.label('bug');
  Object.assign(content.labels.at(-1) ?? {}, { color: 'ff0000', description: 'ours' });
  content.label('help wanted: you');
  content.milestone('first');
  content.milestone('gone');
  content.milestone('third');
  content.milestones.splice(1, 1);
  const first = content.openIssue(
    'It breaks',
    'Hello @guest and @acme/team, see #6, acme/other#3 and `@code`.',
    'guest',
  );
  content.comment(first, 'I agree, @octo: https://github.com/acme/web/issues/6\n\n```\n@Override\n```', 'octo');
  content.editIssue(first, {
    state: 'closed',
    state_reason: 'not_planned',
    closed_at: '2026-01-02T00:00:00Z',
    locked: true,
    active_lock_reason: 'resolved',
    labels: content.labels.slice(0, 1),
    milestone: content.milestones[1]!,
  });
  content.removeIssue(content.openIssue('mistake'));
  content.discussion('What next?');
  const { refs } = await refsOf(repository.path);
  const open = content.openPull('Add a feature', 'Fixes #1', 'guest');
  const between = (head: string, sha: string) => ({
    head: { label: `acme:${head}`, ref: head, sha, user: null, repo: null },
    base: { label: 'acme:main', ref: 'main', sha: refs.get('refs/heads/main') ?? '', user: null, repo: null },
  });
  Object.assign(content.pulls.get(open) ?? {}, between('feature', refs.get('refs/heads/feature') ?? ''));
  content.reviewComment(open, 'Why?', 'octo');
  content.review(open, 'APPROVED', 'Fine, @guest', 'octo');
  const merged = content.openPull('Merged before', '', 'octo');
  Object.assign(content.pulls.get(merged) ?? {}, {
    ...between('gone', 'b'.repeat(40)),
    merged_at: '2026-01-03T00:00:00Z',
    merge_commit_sha: 'c'.repeat(40),
  });
  content.editIssue(merged, { state: 'closed', closed_at: '2026-01-03T00:00:00Z' });
  content.openIssue('Long', `${'word '.repeat(14_000)}@guest\n\n${'more '.repeat(1_000)}`, 'octo');
  content.release('v1', { 'tool.bin': Buffer.from('one'.repeat(1000)), 'notes.txt': Buffer.from('two') });
  content.release('v2', {}, { prerelease: true, body: 'By @guest in https://github.com/acme/web/pull/5' });
  content.release('v3', {}, { draft: true, published_at: null });
  Object.assign(content.fields, {
    description: 'The web site',
    homepage: 'https://acme.example',
    has_projects: false,
    has_discussions: true,
  });
  const settings: Record<string, unknown> = {
    '/topics': { names: ['web', 'site'] },
    '/rulesets': [{ id: 1, name: 'main is protected' }],
    '/rulesets/1': {
      id: 1,
      name: 'main is protected',
      target: 'branch',
      source_type: 'Repository',
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      rules: [{ type: 'deletion' }],
      bypass_actors: [{ actor_id: 5, actor_type: 'Team' }],
    },
    '/branches': [{ name: 'main' }],
    '/branches/main/protection': {
      required_status_checks: { strict: true, contexts: ['ci'], checks: [{ context: 'ci', app_id: 1 }] },
      enforce_admins: { enabled: true },
      required_pull_request_reviews: { required_approving_review_count: 2 },
      allow_force_pushes: { enabled: false },
    },
    '/hooks': [
      {
        id: 9,
        active: true,
        events: ['push'],
        config: { url: 'https://ci.example/hook', content_type: 'json', secret: '********' },
      },
    ],
    '/keys': [{ id: 3, title: 'deploy', key: 'ssh-ed25519 AAAA', read_only: true }],
    '/autolinks': [{ id: 4, key_prefix: 'TICKET-', url_template: 'https://t.example/<num>', is_alphanumeric: false }],
    '/environments': { environments: [{ id: 6, name: 'production' }] },
    '/actions/variables': { variables: [{ name: 'REGION', value: 'eu-central-1' }] },
    '/actions/secrets': { secrets: [{ name: 'TOKEN' }] },
    '/collaborators': [{ id: 102, login: 'bob' }],
    '/teams': [],
    '/properties/values': [],
    '/security-advisories': [],
  };
  for (const [path, value] of Object.entries(settings)) content.settings.set(path, value);
}
