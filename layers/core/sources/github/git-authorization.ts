import { keepSecret } from '#core/runtime/secrecy.ts';

/** The user name that stands for any token, of a person or of an app. */
const user = 'x-access-token';

/** The Authorization header by which Git sends a token to GitHub. */
export function gitAuthorization(token: string): string {
  const credentials = Buffer.from(`${user}:${token}`).toString('base64');
  keepSecret(credentials);
  return `Basic ${credentials}`;
}

/** The token in such a header; undefined where there is none. */
export function refusedToken(authorization: string): string | undefined {
  const credentials = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return credentials.startsWith(`${user}:`) ? credentials.slice(user.length + 1) : undefined;
}
