/**
 * Accounts and repositories as the REST API describes them, whole: the compiler holds them against GitHub's published
 * description, and a test holds what is sent against it.
 */
import type { components } from '@octokit/openapi-types';

type Schemas = components['schemas'];

/** A user or an organisation wherever it is named. @param url of it in the API @param page of it on the web */
export function simpleUser(
  { id, login, type }: { id: number; login: string; type: string },
  url: string,
  page: string,
): Schemas['simple-user'] {
  return {
    login,
    id,
    node_id: Buffer.from(`0${type.length}:${type}${id}`).toString('base64'),
    avatar_url: `${page}.png`,
    gravatar_id: '',
    url,
    html_url: page,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
  };
}

const since = '2024-01-01T00:00:00Z';
const counts = { public_gists: 0, followers: 0, following: 0, created_at: since, updated_at: since };

export function publicUser(user: Schemas['simple-user'], publicRepositories: number): Schemas['public-user'] {
  return {
    ...user,
    name: null,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: publicRepositories,
    ...counts,
  };
}

export function organizationFull(
  { login, id, node_id, avatar_url, html_url, type }: Schemas['simple-user'],
  url: string,
  publicRepositories: number,
): Schemas['organization-full'] {
  return {
    login,
    id: Number(id),
    node_id,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url,
    description: null,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: publicRepositories,
    ...counts,
    html_url,
    type,
    archived_at: null,
  };
}

/** What of a repository differs from one to the other. */
export interface RepositoryFacts {
  id: number;
  owner: Schemas['simple-user'];
  fullName: string;
  isPrivate: boolean;
  /** In the API. */
  url: string;
  /** On the web. */
  page: string;
}

/** As lists and other documents have it. */
export function listedRepository({
  id,
  owner,
  fullName,
  isPrivate,
  url,
  page,
}: RepositoryFacts): Schemas['repository'] {
  return {
    id,
    node_id: Buffer.from(`010:Repository${id}`).toString('base64'),
    name: fullName.slice(fullName.indexOf('/') + 1),
    full_name: fullName,
    owner,
    private: isPrivate,
    visibility: isPrivate ? 'private' : 'public',
    html_url: page,
    description: null,
    fork: false,
    url,
    archive_url: `${url}/{archive_format}{/ref}`,
    assignees_url: `${url}/assignees{/user}`,
    blobs_url: `${url}/git/blobs{/sha}`,
    branches_url: `${url}/branches{/branch}`,
    collaborators_url: `${url}/collaborators{/collaborator}`,
    comments_url: `${url}/comments{/number}`,
    commits_url: `${url}/commits{/sha}`,
    compare_url: `${url}/compare/{base}...{head}`,
    contents_url: `${url}/contents/{+path}`,
    contributors_url: `${url}/contributors`,
    deployments_url: `${url}/deployments`,
    downloads_url: `${url}/downloads`,
    events_url: `${url}/events`,
    forks_url: `${url}/forks`,
    git_commits_url: `${url}/git/commits{/sha}`,
    git_refs_url: `${url}/git/refs{/sha}`,
    git_tags_url: `${url}/git/tags{/sha}`,
    git_url: `${page.replace(/^https?/, 'git')}.git`,
    issue_comment_url: `${url}/issues/comments{/number}`,
    issue_events_url: `${url}/issues/events{/number}`,
    issues_url: `${url}/issues{/number}`,
    keys_url: `${url}/keys{/key_id}`,
    labels_url: `${url}/labels{/name}`,
    languages_url: `${url}/languages`,
    merges_url: `${url}/merges`,
    milestones_url: `${url}/milestones{/number}`,
    notifications_url: `${url}/notifications{?since,all,participating}`,
    pulls_url: `${url}/pulls{/number}`,
    releases_url: `${url}/releases{/id}`,
    ssh_url: `git@github.com:${fullName}.git`,
    stargazers_url: `${url}/stargazers`,
    statuses_url: `${url}/statuses/{sha}`,
    subscribers_url: `${url}/subscribers`,
    subscription_url: `${url}/subscription`,
    tags_url: `${url}/tags`,
    teams_url: `${url}/teams`,
    trees_url: `${url}/git/trees{/sha}`,
    clone_url: `${page}.git`,
    mirror_url: null,
    hooks_url: `${url}/hooks`,
    svn_url: page,
    homepage: null,
    language: null,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    size: 0,
    default_branch: 'main',
    open_issues_count: 0,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: true,
    has_wiki: true,
    has_pages: false,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- GitHub still sends it
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    pushed_at: since,
    created_at: since,
    updated_at: since,
    license: null,
    forks: 0,
    open_issues: 0,
    watchers: 0,
  };
}

/** What its own page says in addition. */
export const onlyOnPage = { subscribers_count: 0, network_count: 0 } satisfies Partial<Schemas['full-repository']>;
