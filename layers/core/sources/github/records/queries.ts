/** The queries of GraphQL, all of them reading. The tests hold them against GitHub's published schema. */

/** What tells in one request whether anything of a repository's discussion has changed. */
export const pulseQuery = `
query ($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    issues(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
    pullRequests(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
    labels(first: 100) { totalCount nodes { id name color description updatedAt } }
    milestones(first: 100, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { number updatedAt } }
    commitComments(last: 1) { totalCount nodes { id updatedAt } }
  }
}`;

const actor = 'actor { login }';
const timeline = (more: string): string => `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    __typename
    ... on Node { id }
    ... on AssignedEvent { createdAt ${actor} assignee { __typename ... on Actor { login } } }
    ... on UnassignedEvent { createdAt ${actor} assignee { __typename ... on Actor { login } } }
    ... on LabeledEvent { createdAt ${actor} label { name } }
    ... on UnlabeledEvent { createdAt ${actor} label { name } }
    ... on MilestonedEvent { createdAt ${actor} milestoneTitle }
    ... on DemilestonedEvent { createdAt ${actor} milestoneTitle }
    ... on RenamedTitleEvent { createdAt ${actor} previousTitle currentTitle }
    ... on ClosedEvent { createdAt ${actor} stateReason closer { __typename ... on PullRequest { number } ... on Commit { oid } } }
    ... on ReopenedEvent { createdAt ${actor} stateReason }
    ... on LockedEvent { createdAt ${actor} lockReason }
    ... on UnlockedEvent { createdAt ${actor} }
    ... on CrossReferencedEvent {
      createdAt
      ${actor}
      isCrossRepository
      willCloseTarget
      source {
        __typename
        ... on Issue { number repository { nameWithOwner } }
        ... on PullRequest { number repository { nameWithOwner } }
      }
    }
    ... on ReferencedEvent { createdAt ${actor} isCrossRepository commit { oid } }
    ... on ConnectedEvent { createdAt ${actor} }
    ... on DisconnectedEvent { createdAt ${actor} }
    ... on TransferredEvent { createdAt ${actor} fromRepository { nameWithOwner } }
    ... on MarkedAsDuplicateEvent { createdAt ${actor} }
    ... on UnmarkedAsDuplicateEvent { createdAt ${actor} }
    ... on PinnedEvent { createdAt ${actor} }
    ... on UnpinnedEvent { createdAt ${actor} }
    ... on ConvertedToDiscussionEvent { createdAt ${actor} }
    ... on CommentDeletedEvent { createdAt ${actor} deletedCommentAuthor { login } }
    ... on SubIssueAddedEvent { createdAt ${actor} subIssue { number repository { nameWithOwner } } }
    ... on SubIssueRemovedEvent { createdAt ${actor} subIssue { number repository { nameWithOwner } } }
    ... on ParentIssueAddedEvent { createdAt ${actor} parent { number repository { nameWithOwner } } }
    ... on ParentIssueRemovedEvent { createdAt ${actor} parent { number repository { nameWithOwner } } }
${more}  }`;

const issueTimeline = timeline('');

const pullTimeline = timeline(`    ... on MergedEvent { createdAt ${actor} mergeRefName commit { oid } }
    ... on HeadRefForcePushedEvent { createdAt ${actor} beforeCommit { oid } afterCommit { oid } }
    ... on BaseRefForcePushedEvent { createdAt ${actor} beforeCommit { oid } afterCommit { oid } }
    ... on BaseRefChangedEvent { createdAt ${actor} previousRefName currentRefName }
    ... on HeadRefDeletedEvent { createdAt ${actor} headRefName }
    ... on HeadRefRestoredEvent { createdAt ${actor} }
    ... on ReadyForReviewEvent { createdAt ${actor} }
    ... on ConvertToDraftEvent { createdAt ${actor} }
    ... on ReviewRequestedEvent { createdAt ${actor} requestedReviewer { __typename ... on Actor { login } ... on Team { name } } }
    ... on ReviewRequestRemovedEvent { createdAt ${actor} requestedReviewer { __typename ... on Actor { login } ... on Team { name } } }
    ... on ReviewDismissedEvent { createdAt ${actor} dismissalMessage }
`);

const reviews = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    id
    fullDatabaseId
    author { login }
    authorAssociation
    state
    body
    createdAt
    submittedAt
    updatedAt
    lastEditedAt
    commit { oid }
    reactionGroups { content reactors { totalCount } }
  }`;

const threads = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    id
    isResolved
    isOutdated
    resolvedBy { login }
    path
    line
    startLine
    originalLine
    originalStartLine
    diffSide
    subjectType
    comments(first: 100) { totalCount nodes { fullDatabaseId } }
  }`;

const ids = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { fullDatabaseId }`;

/** REST counts them only. */
const reactions = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { content createdAt user { login } }`;

/** Who reacted to each of up to a hundred things. */
export const reactionsQuery = `
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Node { id }
    ... on Reactable { reactions(first: 50) {${reactions}
    } }
  }
}`;

/** The further reactions to one thing. */
export const furtherReactionsQuery = `
query ($id: ID!, $after: String) {
  item: node(id: $id) {
    ... on Reactable {
      list: reactions(first: 100, after: $after) {${reactions}
      }
    }
  }
}`;

const issueName = 'number repository { nameWithOwner }';

const subIssues = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { ${issueName} }`;

export const issueDetailsQuery = `
query ($owner: String!, $name: String!, $first: Int!, $after: String, $ids: Boolean!) {
  repository(owner: $owner, name: $name) {
    issues(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        updatedAt
        parent { ${issueName} }
        subIssues(first: 50) {${subIssues}
        }
        reactions(first: 50) {${reactions}
        }
        timelineItems(first: 100) {${issueTimeline}
        }
        comments(first: 100) @include(if: $ids) {${ids}
        }
      }
    }
  }
}`;

export const pullDetailsQuery = `
query ($owner: String!, $name: String!, $first: Int!, $after: String, $ids: Boolean!) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        updatedAt
        reactions(first: 50) {${reactions}
        }
        timelineItems(first: 100) {${pullTimeline}
        }
        comments(first: 100) @include(if: $ids) {${ids}
        }
        reviews(first: 50) {${reviews}
        }
        reviewThreads(first: 50) {${threads}
        }
      }
    }
  }
}`;

/** The further pages of one list of one issue or pull request. */
export const restQueries = {
  issueTimeline: restOf('issue', 'timelineItems', issueTimeline),
  issueComments: restOf('issue', 'comments', ids),
  issueReactions: restOf('issue', 'reactions', reactions),
  subIssues: restOf('issue', 'subIssues', subIssues),
  pullTimeline: restOf('pullRequest', 'timelineItems', pullTimeline),
  pullComments: restOf('pullRequest', 'comments', ids),
  pullReactions: restOf('pullRequest', 'reactions', reactions),
  reviews: restOf('pullRequest', 'reviews', reviews),
  threads: restOf('pullRequest', 'reviewThreads', threads),
};

function restOf(item: 'issue' | 'pullRequest', list: string, fields: string): string {
  return `
query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    item: ${item}(number: $number) {
      list: ${list}(first: 100, after: $after) {${fields}
      }
    }
  }
}`;
}

const comment = `
  id
  databaseId
  author { login }
  authorAssociation
  body
  createdAt
  updatedAt
  lastEditedAt
  isAnswer
  upvoteCount
  url
  reactionGroups { content reactors { totalCount } }`;

const replies = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {${comment}
  }`;

const comments = `
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {${comment}
    replies(first: 50) {${replies}
    }
  }`;

export const discussionsQuery = `
query ($owner: String!, $name: String!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    discussions(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        id
        number
        title
        body
        author { login }
        authorAssociation
        createdAt
        updatedAt
        lastEditedAt
        closed
        closedAt
        stateReason
        locked
        activeLockReason
        isAnswered
        answerChosenAt
        answerChosenBy { login }
        answer { databaseId }
        category { id name emoji description isAnswerable }
        labels(first: 100) { nodes { name } }
        upvoteCount
        url
        poll { question totalVoteCount options(first: 50) { nodes { option totalVoteCount } } }
        reactionGroups { content reactors { totalCount } }
        comments(first: 50) {${comments}
        }
      }
    }
  }
}`;

/** The further comments of one discussion. */
export const discussionCommentsQuery = `
query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    item: discussion(number: $number) {
      list: comments(first: 100, after: $after) {${comments}
      }
    }
  }
}`;

/** The further replies to one comment. */
export const repliesQuery = `
query ($id: ID!, $after: String) {
  item: node(id: $id) {
    ... on DiscussionComment {
      list: replies(first: 100, after: $after) {${replies}
      }
    }
  }
}`;

/** What tells in one request whether the settings of a repository have changed, as far as GraphQL knows them. */
export const settingsQuery = `
query ($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    description
    homepageUrl
    visibility
    isArchived
    isTemplate
    hasIssuesEnabled
    hasProjectsEnabled
    hasWikiEnabled
    hasDiscussionsEnabled
    hasVulnerabilityAlertsEnabled
    mergeCommitAllowed
    squashMergeAllowed
    rebaseMergeAllowed
    autoMergeAllowed
    deleteBranchOnMerge
    forkingAllowed
    webCommitSignoffRequired
    defaultBranchRef { name }
    repositoryTopics(first: 100) { nodes { topic { name } } }
    rulesets(first: 100) { totalCount nodes { databaseId updatedAt } }
    branchProtectionRules(first: 100) {
      totalCount
      nodes {
        pattern
        requiresApprovingReviews
        requiredApprovingReviewCount
        requiresStatusChecks
        requiredStatusCheckContexts
        requiresCodeOwnerReviews
        requiresCommitSignatures
        requiresLinearHistory
        requiresConversationResolution
        dismissesStaleReviews
        restrictsPushes
        isAdminEnforced
        allowsForcePushes
        allowsDeletions
        lockBranch
      }
    }
  }
}`;
