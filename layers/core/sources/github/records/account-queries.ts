/** The queries of GraphQL for what belongs to an account. The tests hold them against GitHub's published schema. */

/** What tells in one request whether an organisation has changed, as far as GraphQL knows it. */
export const organizationQuery = `
query ($login: String!) {
  organization(login: $login) {
    databaseId
    login
    name
    description
    email
    location
    websiteUrl
    isVerified
    membersWithRole(first: 100) { totalCount edges { role node { databaseId } } }
    teams(first: 50) {
      totalCount
      nodes {
        databaseId
        name
        description
        privacy
        notificationSetting
        updatedAt
        parentTeam { databaseId }
        members(first: 100) { totalCount edges { role node { databaseId } } }
        repositories(first: 100) { totalCount edges { permission node { databaseId } } }
      }
    }
  }
}`;

const paging = 'pageInfo { hasNextPage endCursor }';

const field = `
  __typename
  ... on ProjectV2FieldCommon { id name dataType }
  ... on ProjectV2SingleSelectField { options { id name color description } }
  ... on ProjectV2IterationField {
    configuration {
      duration
      startDay
      iterations { id title startDate duration }
      completedIterations { id title startDate duration }
    }
  }`;

const fieldName = '... on ProjectV2FieldCommon { name }';

/** Newest first; their items are asked for of each that has changed. */
export const projectsQuery = `
query ($login: String!, $first: Int!, $after: String) {
  owner: repositoryOwner(login: $login) {
    ... on Organization { databaseId }
    ... on User { databaseId }
    ... on ProjectV2Owner {
      projectsV2(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
        totalCount
        ${paging}
        nodes {
          id
          number
          title
          shortDescription
          readme
          public
          template
          closed
          closedAt
          createdAt
          updatedAt
          url
          creator { login }
          items { totalCount }
          repositories(first: 50) { nodes { nameWithOwner } }
          teams(first: 50) { nodes { slug } }
          fields(first: 100) { nodes {${field} } }
          views(first: 50) {
            nodes {
              number
              name
              layout
              filter
              fields(first: 50) { nodes { ${fieldName} } }
              groupByFields(first: 10) { nodes { ${fieldName} } }
              verticalGroupByFields(first: 10) { nodes { ${fieldName} } }
              sortByFields(first: 10) { nodes { direction field { ${fieldName} } } }
            }
          }
          workflows(first: 50) { nodes { number name enabled } }
          statusUpdates(first: 50) { nodes { id body status startDate targetDate createdAt updatedAt creator { login } } }
        }
      }
    }
  }
}`;

/**
 * What stands in the fields of each item. Labels, milestones, assignees and linked pull requests are those of the issue,
 * and kept with it.
 */
export const projectItemsQuery = `
query ($id: ID!, $first: Int!, $after: String) {
  project: node(id: $id) {
    ... on ProjectV2 {
      items(first: $first, after: $after) {
        ${paging}
        nodes {
          id
          fullDatabaseId
          type
          isArchived
          createdAt
          updatedAt
          creator { login }
          content {
            __typename
            ... on DraftIssue { title body createdAt updatedAt creator { login } assignees(first: 10) { nodes { login } } }
            ... on Issue { number title repository { nameWithOwner } }
            ... on PullRequest { number title repository { nameWithOwner } }
          }
          fieldValues(first: 100) {
            nodes {
              __typename
              ... on ProjectV2ItemFieldTextValue { text field { ${fieldName} } }
              ... on ProjectV2ItemFieldNumberValue { number field { ${fieldName} } }
              ... on ProjectV2ItemFieldDateValue { date field { ${fieldName} } }
              ... on ProjectV2ItemFieldSingleSelectValue { optionId name field { ${fieldName} } }
              ... on ProjectV2ItemFieldIterationValue { iterationId title startDate duration field { ${fieldName} } }
            }
          }
        }
      }
    }
  }
}`;

const gistComments = `
  totalCount
  ${paging}
  nodes { id databaseId body createdAt updatedAt lastEditedAt author { login } authorAssociation }`;

/** Secret ones among them where the credential is their owner's. */
export const gistsQuery = `
query ($login: String!, $first: Int!, $after: String) {
  user(login: $login) {
    databaseId
    gists(first: $first, after: $after, privacy: ALL, orderBy: { field: UPDATED_AT, direction: DESC }) {
      totalCount
      ${paging}
      nodes {
        id
        name
        description
        isPublic
        isFork
        createdAt
        updatedAt
        pushedAt
        url
        files(limit: 300) { name size encoding language { name } }
        comments(first: 50) {${gistComments}
        }
      }
    }
  }
}`;

/** The names of all gists: each is a Git repository. */
export const gistNamesQuery = `
query ($login: String!, $first: Int!, $after: String) {
  user(login: $login) {
    gists(first: $first, after: $after, privacy: ALL, orderBy: { field: CREATED_AT, direction: ASC }) {
      ${paging}
      nodes { name }
    }
  }
}`;

/** The further comments of one gist. */
export const gistCommentsQuery = `
query ($id: ID!, $after: String) {
  item: node(id: $id) {
    ... on Gist {
      list: comments(first: 100, after: $after) {${gistComments}
      }
    }
  }
}`;
