/** GraphQL of the stand-in for GitHub about accounts. */
import type { Account, GitHubState } from '../state.ts';
import type { Gist, Project, ProjectItem } from './account-content.ts';
import { actor } from './content.ts';
import { connection, type Paging } from './paging.ts';

export function accountOf(state: GitHubState, viewer: string, { id, login, type }: Account) {
  const content = state.accountContent(login);
  const seen = content.gists.filter(({ isPublic }) => isPublic || viewer === login);
  return {
    __typename: type,
    databaseId: id,
    login,
    isVerified: false,
    membersWithRole: (paging: Paging) => connection([], paging),
    teams: (paging: Paging) => connection([], paging),
    ...content.fields,
    gists: ({ orderBy, ...paging }: Paging & { orderBy: { field: string } }) =>
      connection(orderBy.field === 'UPDATED_AT' ? newestFirst(seen) : seen, paging, gistOf),
    projectsV2: (paging: Paging) => {
      if (state.refusesProjects)
        throw Object.assign(new Error("Your token has not been granted the required scopes: ['read:project']"), {
          type: 'INSUFFICIENT_SCOPES',
        });
      return connection(newestFirst(content.projects), paging, projectOf);
    },
  };
}

/** What a node of an account is, by its global id. */
export function nodeOfAccounts(state: GitHubState, id: string): object | null {
  for (const { gists, projects } of state.accountContents()) {
    const gist = gists.find(({ name }) => `G_${name}` === id);
    if (gist) return { __typename: 'Gist', ...gistOf(gist) };
    const project = projects.find((one) => projectId(one) === id);
    if (project) return { __typename: 'ProjectV2', ...projectOf(project) };
  }
  return null;
}

function newestFirst<T extends { updatedAt: string }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}

function gistOf({ comments, ...gist }: Gist) {
  return {
    ...gist,
    id: `G_${gist.name}`,
    isFork: false,
    pushedAt: gist.createdAt,
    url: `https://gist.github.com/${gist.name}`,
    files: [{ name: 'README.md', size: 7, encoding: 'UTF-8' }],
    comments: (paging: Paging) =>
      connection(comments, paging, ({ id, body, author, at }) => ({
        id: `GC_${id}`,
        databaseId: id,
        body,
        author: actor(author),
        authorAssociation: 'NONE',
        createdAt: at,
        updatedAt: at,
      })),
  };
}

function projectId({ number, title }: Project): string {
  return `PVT_${number}_${title}`;
}

function projectOf(project: Project) {
  const { items, ...rest } = project;
  const field = (name: string, dataType: string) => ({ __typename: 'ProjectV2Field', id: `F_${name}`, name, dataType });
  const status = {
    ...field('Status', 'SINGLE_SELECT'),
    __typename: 'ProjectV2SingleSelectField',
    options: [{ id: 'o1', name: 'Todo', color: 'GREEN', description: '' }],
  };
  const list = (all: readonly object[]) => (paging: Paging) => connection(all, paging);
  return {
    ...rest,
    id: projectId(project),
    public: false,
    template: false,
    closed: false,
    url: `https://github.com/orgs/acme/projects/${project.number}`,
    creator: actor('octo'),
    repositories: list([]),
    teams: list([]),
    fields: list([field('Title', 'TITLE'), status]),
    views: list([
      {
        number: 1,
        name: 'Board',
        layout: 'BOARD_LAYOUT',
        filter: 'is:open',
        fields: list([status]),
        groupByFields: list([]),
        verticalGroupByFields: list([status]),
        sortByFields: list([]),
      },
    ]),
    workflows: list([{ number: 1, name: 'Item closed', enabled: true }]),
    statusUpdates: list([]),
    items: (paging: Paging) => connection(items, paging, itemOf),
  };
}

function itemOf({ id, content, values }: ProjectItem) {
  const at = '2026-01-01T00:00:00Z';
  const isDraft = typeof content === 'string';
  return {
    id: `PVTI_${id}`,
    fullDatabaseId: String(id),
    type: isDraft ? 'DRAFT_ISSUE' : 'ISSUE',
    isArchived: false,
    createdAt: at,
    updatedAt: at,
    creator: actor('octo'),
    content: isDraft
      ? {
          __typename: 'DraftIssue',
          title: content,
          body: '',
          createdAt: at,
          updatedAt: at,
          assignees: (paging: Paging) => connection([], paging),
        }
      : { __typename: 'Issue', number: content, title: '', repository: { nameWithOwner: 'acme/api' } },
    fieldValues: (paging: Paging) =>
      connection(Object.entries(values), paging, ([name, value]) => ({
        ...(typeof value === 'number'
          ? { __typename: 'ProjectV2ItemFieldNumberValue', number: value }
          : { __typename: 'ProjectV2ItemFieldSingleSelectValue', name: value, optionId: 'o1' }),
        field: { __typename: 'ProjectV2Field', name },
      })),
  };
}
