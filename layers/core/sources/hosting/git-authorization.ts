/**
 * The user name that stands for any token, of a person or of an app. With the colon it fills whole groups of Base64,
 * so that the token in Base64, which is masked everywhere, is a part of what is sent.
 */
const user = 'x-access-token';

/**
 * The Authorization header by which Git sends a token to GitHub, GitLab, Gitea and Forgejo: all take it as the password
 * and accept any user name beside it.
 * https://docs.gitlab.com/topics/git/clone/#clone-using-a-token
 */
export function gitAuthorization(token: string): string {
  return `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
}

/** The token in such a header; undefined where there is none. */
export function refusedToken(authorization: string): string | undefined {
  const credentials = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return credentials.startsWith(`${user}:`) ? credentials.slice(user.length + 1) : undefined;
}
