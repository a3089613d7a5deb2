/**
 * Every answer is stored as this version gives it. The next one, 2026-03-10, leaves out `assignee` and
 * `merge_commit_sha`; this one is served until March 2028 at least.
 * https://docs.github.com/en/rest/about-the-rest-api/api-versions
 */
export const restVersion = '2022-11-28';

/** What a record of GraphQL has: that API has no versions. */
export const graphqlVersion = 'graphql';
