/** One of everything that a backup reads, as GitHub describes it: a test holds each of these answers against that. */
import { listedRepository, simpleUser } from '../documents.ts';
import type { GitHubState } from '../state.ts';
import { user, type RepositoryContent } from './content.ts';

const at = '2026-01-01T00:00:00Z';
const api = 'https://api.github.com';

const organisation = simpleUser(
  { id: 103, login: 'acme', type: 'Organization' },
  `${api}/users/acme`,
  'https://github.com/acme',
);

const repository = listedRepository({
  id: 1001,
  owner: organisation,
  fullName: 'acme/api',
  isPrivate: false,
  url: `${api}/repos/acme/api`,
  page: 'https://github.com/acme/api',
});

function ruleset(source_type: 'Repository' | 'Organization', source: string) {
  return { id: 7, name: 'main', source_type, source, enforcement: 'active', node_id: 'RRS_7' };
}

const wholeRuleset = { rules: [{ type: 'deletion' }], target: 'branch', bypass_actors: [] };

function webhook(url: string) {
  return {
    id: 3,
    url,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    name: 'web',
    active: true,
    events: ['push'],
    config: { url: 'https://ci.example', content_type: 'json', insecure_ssl: '0', secret: '********' },
    created_at: at,
    updated_at: at,
    type: 'Repository',
  };
}

const team = {
  id: 5,
  node_id: 'T_5',
  name: 'Core',
  slug: 'core',
  description: null,
  privacy: 'closed',
  notification_setting: 'notifications_enabled',
  permission: 'pull',
  url: `${api}/organizations/103/team/5`,
  html_url: 'https://github.com/orgs/acme/teams/core',
  members_url: `${api}/organizations/103/team/5/members{/member}`,
  repositories_url: `${api}/organizations/103/team/5/repos`,
  type: 'organization',
  organization_id: 103,
  parent: null,
};

const variable = { name: 'REGION', value: 'eu', created_at: at, updated_at: at };
const secret = { name: 'TOKEN', created_at: at, updated_at: at };

/** Content of each dataset of a repository. */
export function fillRepository(content: RepositoryContent): void {
  const issue = content.openIssue('It breaks', 'When I press the button');
  const pull = content.openPull('Mend the button');
  const comment = content.comment(issue, 'Which button?');
  content.reactTo(`IC_${comment}`, 'HEART');
  content.reviewComment(pull, 'A typo here');
  content.review(pull, 'APPROVED');
  content.block(issue, pull);
  content.label('bug');
  content.milestone('1.0');
  content.commitComment('Fine');
  content.discussion('How?');
  content.release('v1', { 'app.zip': Buffer.from('one') });
  const base = `${api}/repos/acme/api`;
  const put = (path: string, value: unknown): void => void content.settings.set(path, value);
  put('/topics', { names: ['backup'] });
  put('/rulesets', [ruleset('Repository', 'acme/api')]);
  put('/rulesets/7', { ...ruleset('Repository', 'acme/api'), ...wholeRuleset });
  put('/branches', [{ name: 'main', commit: { sha: 'a'.repeat(40), url: `${base}/commits/main` }, protected: true }]);
  put('/branches/main/protection', {
    url: `${base}/branches/main/protection`,
    enforce_admins: { enabled: true, url: base },
  });
  put('/hooks', [
    {
      ...webhook(`${base}/hooks/3`),
      test_url: `${base}/hooks/3/test`,
      last_response: { code: 200, status: 'active', message: 'OK' },
    },
  ]);
  put('/keys', [
    {
      id: 4,
      key: 'ssh-ed25519 AAAA',
      url: `${base}/keys/4`,
      title: 'deploy',
      verified: true,
      created_at: at,
      read_only: true,
    },
  ]);
  put('/autolinks', [{ id: 6, key_prefix: 'T-', url_template: 'https://t.example/<num>', is_alphanumeric: true }]);
  put('/environments', {
    total_count: 1,
    environments: [
      {
        id: 5,
        node_id: 'EN_5',
        name: 'production',
        url: `${base}/environments/production`,
        html_url: 'https://github.com/acme/api/deployments/activity_log?environments_filter=production',
        created_at: at,
        updated_at: at,
        protection_rules: [],
        deployment_branch_policy: null,
      },
    ],
  });
  put('/actions/variables', { total_count: 1, variables: [variable] });
  put('/actions/secrets', { total_count: 1, secrets: [secret] });
  put('/pages', { url: `${base}/pages`, status: 'built', cname: null, custom_404: false, public: true });
  put('/collaborators', [
    {
      ...user('guest'),
      permissions: { pull: true, triage: false, push: false, maintain: false, admin: false },
      role_name: 'read',
    },
  ]);
  put('/teams', [team]);
  put('/properties/values', [{ property_name: 'tier', value: '1' }]);
  put('/security-advisories', []);
}

/** Content of each dataset of the organisation acme and of the user octo. */
export function fillAccounts(github: GitHubState): void {
  const acme = github.accountContent('acme');
  const put = (path: string, value: unknown): void => void acme.settings.set(path, value);
  put('/members?role=admin', [user('octo')]);
  put('/members?role=member', [user('guest')]);
  put('/outside_collaborators', [user('guest')]);
  put('/teams', [team]);
  put('/teams/core/members?role=maintainer', [user('octo')]);
  put('/teams/core/members?role=member', [user('guest')]);
  put('/teams/core/repos', [repository]);
  put('/rulesets', [ruleset('Organization', 'acme')]);
  put('/rulesets/7', { ...ruleset('Organization', 'acme'), ...wholeRuleset });
  put('/hooks', [{ ...webhook(`${api}/orgs/acme/hooks/3`), type: 'Organization' }]);
  put('/properties/schema', [{ property_name: 'tier', value_type: 'string' }]);
  put('/actions/variables', { total_count: 1, variables: [{ ...variable, visibility: 'all' }] });
  put('/actions/secrets', { total_count: 1, secrets: [{ ...secret, visibility: 'all' }] });
  put('/issue-types', [{ id: 8, node_id: 'IT_8', name: 'Bug', description: null }]);
  put('/organization-roles', {
    total_count: 1,
    roles: [
      {
        id: 12,
        name: 'auditor',
        description: null,
        permissions: [],
        organization: null,
        created_at: at,
        updated_at: at,
      },
    ],
  });
  put('/installations', { total_count: 0, installations: [] });
  for (const type of ['npm', 'maven', 'rubygems', 'docker', 'nuget', 'container'])
    put(
      `/packages?package_type=${type}`,
      type !== 'npm'
        ? []
        : [
            {
              id: 11,
              name: 'app',
              package_type: 'npm',
              url: `${api}/orgs/acme/packages/npm/app`,
              html_url: 'https://github.com/orgs/acme/packages/npm/package/app',
              version_count: 1,
              visibility: 'private',
              created_at: at,
              updated_at: at,
            },
          ],
    );
  acme.projectItem(acme.project('Roadmap'), 'An idea', { Status: 'Todo' });
  const octo = github.accountContent('octo');
  octo.commentOnGist(octo.gist('aa11'), 'Nice');
  octo.settings.set('/starred', [repository]);
  octo.settings.set('/subscriptions', [repository]);
  octo.settings.set('/followers', [user('guest')]);
  octo.settings.set('/following', [user('guest')]);
}
