/**
 * GraphQL of the stand-in for GitHub: queries are executed over GitHub's own published schema, so one that GitHub would
 * refuse is refused here, and no answer has another form than GitHub's.
 */
import { buildSchema, graphql, type GraphQLSchema } from 'graphql';
import { failure, type ApiAnswer } from '../api-answer.ts';
import type { GitHubState } from '../state.ts';
import { accountOf, nodeOfAccounts } from './account-graphql.ts';
import { actor, type DiscussionComment, type RepositoryContent } from './content.ts';
import { connection, type Paging } from './paging.ts';

let loaded: Promise<GraphQLSchema> | undefined;

/** GitHub's schema, as it publishes it. */
export function gitHubSchema(): Promise<GraphQLSchema> {
  // Its package reads another megabyte when it is loaded, so that is done only where it is needed.
  loaded ??= import('@octokit/graphql-schema').then(({ schema }) => buildSchema(schema.idl, { assumeValid: true }));
  return loaded;
}

/** Executes a query as a user may see it. */
export async function answerQuery(state: GitHubState, viewer: string | undefined, text: string): Promise<ApiAnswer> {
  if (viewer === undefined) return failure(401, 'This endpoint requires you to be authenticated.');
  const { query, variables } = JSON.parse(text) as { query: string; variables: Record<string, unknown> };
  const fault = state.faultOfQuery?.(query, variables);
  if (fault) return fault;
  const account = (login: string, type?: string) => {
    const found = state.findAccount(login);
    if (!found || (type !== undefined && found.type !== type))
      throw new Error(`Could not resolve to a ${type ?? 'RepositoryOwner'} with the login of '${login}'.`);
    return accountOf(state, viewer, found);
  };
  const rootValue = {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const found = state.findRepository(`${owner}/${name}`);
      if (!found || !state.canRead(viewer, found)) throw new Error('Could not resolve to a Repository with that name.');
      return repositoryOf(found.id, state.contentOf(found));
    },
    user: ({ login }: { login: string }) => account(login, 'User'),
    organization: ({ login }: { login: string }) => account(login, 'Organization'),
    repositoryOwner: ({ login }: { login: string }) => account(login),
    nodes: ({ ids }: { ids: string[] }) => ids.map((id) => reactableOf(state, id)),
    node: ({ id }: { id: string }) => {
      const found = nodeOfAccounts(state, id);
      if (found) return found;
      for (const content of state.contents())
        for (const { comments } of content.discussions)
          for (const comment of comments)
            if (`DC_${comment.id}` === id) return { ...reactableOf(state, id), ...commentOf(content, comment) };
      return reactableOf(state, id);
    },
  };
  const result = await graphql({ schema: await gitHubSchema(), source: query, rootValue, variableValues: variables });
  const body = JSON.parse(JSON.stringify(result)) as { errors?: { message: string; type?: string }[] };
  for (const error of body.errors ?? [])
    if (error.message.startsWith('Could not resolve')) error.type = 'NOT_FOUND';
    else if (error.message.includes('required scopes')) error.type = 'INSUFFICIENT_SCOPES';
  return { status: 200, body };
}

function newestFirst<T extends { updatedAt: string }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
}

function repositoryOf(databaseId: number, content: RepositoryContent) {
  const { issues, pulls, labels, milestones, commitComments, discussions, settings } = content;
  const talk = [...issues.values()].map((one) => ({ number: one.number, updatedAt: one.updated_at }));
  return {
    databaseId,
    ...(settings.get('graphql') as object | undefined),
    issues: (paging: Paging) =>
      connection(newestFirst(talk.filter(({ number }) => !pulls.has(number))), paging, (one) => itemOf(content, one)),
    pullRequests: (paging: Paging) =>
      connection(newestFirst(talk.filter(({ number }) => pulls.has(number))), paging, (one) => pullOf(content, one)),
    issue: ({ number }: { number: number }) => itemOf(content, { number, updatedAt: '' }),
    pullRequest: ({ number }: { number: number }) => pullOf(content, { number, updatedAt: '' }),
    labels: (paging: Paging) => connection(labels, paging, ({ node_id: id, name, color }) => ({ id, name, color })),
    milestones: (paging: Paging) =>
      connection(milestones, paging, ({ number, updated_at: updatedAt }) => ({ number, updatedAt })),
    commitComments: (paging: Paging) =>
      connection(commitComments, paging, ({ node_id: id, updated_at: updatedAt }) => ({ id, updatedAt })),
    discussions: (paging: Paging) => connection(newestFirst(discussions), paging, (one) => discussionOf(content, one)),
    discussion: ({ number }: { number: number }) => {
      const found = discussions.find((one) => one.number === number);
      return found ? discussionOf(content, found) : null;
    },
    visibility: 'PUBLIC',
    isArchived: false,
    isTemplate: false,
    hasIssuesEnabled: true,
    hasProjectsEnabled: true,
    hasWikiEnabled: true,
    hasDiscussionsEnabled: true,
    hasVulnerabilityAlertsEnabled: false,
    mergeCommitAllowed: true,
    squashMergeAllowed: true,
    rebaseMergeAllowed: true,
    autoMergeAllowed: false,
    deleteBranchOnMerge: false,
    forkingAllowed: true,
    webCommitSignoffRequired: false,
    repositoryTopics: connection([], {}),
    branchProtectionRules: connection([], {}),
    description: (settings.get('') as { description?: string } | undefined)?.description ?? null,
  };
}

interface Item {
  number: number;
  updatedAt: string;
}

function itemOf(content: RepositoryContent, { number, updatedAt }: Item) {
  const said = () => [...content.comments.values()].filter(({ issue_url: url }) => url.endsWith(`/${number}`));
  return {
    number,
    updatedAt,
    parent: isBelow(content, number),
    subIssues: (paging: Paging) => connection(content.subIssues.get(number) ?? [], paging, named),
    reactions: (paging: Paging) =>
      connection(content.reactions.get(number) ?? [], paging, ({ content: reaction, user, at }) => ({
        content: reaction,
        user: { login: user },
        createdAt: at,
      })),
    timelineItems: (paging: Paging) => connection(content.timelines.get(number) ?? [], paging),
    comments: (paging: Paging) => connection(said(), paging, ({ id }) => ({ fullDatabaseId: String(id) })),
  };
}

/** What people may react to, by how its id begins. */
const reactable: Readonly<Record<string, string>> = {
  IC: 'IssueComment',
  PRRC: 'PullRequestReviewComment',
  PRR: 'PullRequestReview',
  CC: 'CommitComment',
  D: 'Discussion',
  DC: 'DiscussionComment',
};

function reactableOf(state: GitHubState, id: string) {
  const __typename = reactable[id.split('_')[0] ?? ''];
  if (__typename === undefined) return null;
  const all = [...state.contents()].flatMap(({ reactionsTo }) => reactionsTo.get(id) ?? []);
  return {
    __typename,
    id,
    reactions: (paging: Paging) =>
      connection(all, paging, ({ content, user, at }) => ({ content, user: { login: user }, createdAt: at })),
  };
}

function groupsOf({ reactionsTo }: RepositoryContent, id: string) {
  const all = reactionsTo.get(id) ?? [];
  return [...new Set(all.map(({ content }) => content))].map((content) => ({
    content,
    reactors: { totalCount: all.filter((one) => one.content === content).length },
  }));
}

function named(number: number) {
  return { number, repository: { nameWithOwner: 'acme/api' } };
}

function isBelow({ subIssues }: RepositoryContent, child: number) {
  const found = [...subIssues].find(([, children]) => children.includes(child));
  return found ? named(found[0]) : null;
}

function pullOf(content: RepositoryContent, item: Item) {
  const { number } = item;
  return {
    ...itemOf(content, item),
    reviews: (paging: Paging) =>
      connection(
        content.reviews.filter(({ pull }) => pull === number),
        paging,
        ({ id, state, body, author, at }) => ({
          id: `PRR_${id}`,
          fullDatabaseId: String(id),
          author: actor(author),
          authorAssociation: 'MEMBER',
          state,
          body,
          createdAt: at,
          submittedAt: at,
          updatedAt: at,
          reactionGroups: groupsOf(content, `PRR_${id}`),
        }),
      ),
    reviewThreads: (paging: Paging) =>
      connection(
        content.threads.filter(({ pull }) => pull === number),
        paging,
        ({ id, isResolved, path, comments }) => ({
          id,
          isResolved,
          isOutdated: false,
          resolvedBy: isResolved ? { login: 'octo' } : null,
          path,
          diffSide: 'RIGHT',
          subjectType: 'LINE',
          comments: (inner: Paging) =>
            connection(
              comments.filter((one) => content.reviewComments.has(one)),
              inner,
              (one) => ({ fullDatabaseId: String(one) }),
            ),
        }),
      ),
  };
}

function discussionOf(
  content: RepositoryContent,
  { author, comments, ...rest }: RepositoryContent['discussions'][number],
) {
  return {
    ...rest,
    reactionGroups: groupsOf(content, rest.id),
    author: actor(author),
    authorAssociation: 'MEMBER',
    closed: false,
    locked: false,
    isAnswered: comments.some(({ isAnswer }) => isAnswer),
    upvoteCount: 1,
    url: `https://github.com/discussions/${rest.number}`,
    category: { id: 'DIC_1', name: 'General', emoji: ':speech_balloon:', description: null, isAnswerable: true },
    comments: (paging: Paging) => connection(comments, paging, (one) => commentOf(content, one)),
  };
}

function commentOf(content: RepositoryContent, { replies, ...one }: DiscussionComment) {
  return {
    ...said(content, one),
    replies: (paging: Paging) => connection(replies, paging, (reply) => said(content, reply)),
  };
}

function said(
  content: RepositoryContent,
  { id, body, author, at, isAnswer = false }: Omit<DiscussionComment, 'replies' | 'isAnswer'> & { isAnswer?: boolean },
) {
  return {
    __typename: 'DiscussionComment',
    id: `DC_${id}`,
    databaseId: id,
    author: actor(author),
    authorAssociation: 'MEMBER',
    body,
    createdAt: at,
    updatedAt: at,
    isAnswer,
    upvoteCount: 0,
    reactionGroups: groupsOf(content, `DC_${id}`),
    url: `https://github.com/discussions#${id}`,
  };
}
