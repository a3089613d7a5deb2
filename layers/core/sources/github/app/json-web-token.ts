import { sign, type KeyObject } from 'node:crypto';

/** In seconds. GitHub takes at most ten minutes, and its clock and ours may differ by one. */
const lifetime = 540;
const skew = 60;

/**
 * What an app proves itself by: a JSON Web Token, signed by its key with RS256 (RFC 7519, RFC 7518 section 3.3).
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 * @param issuer the id of the app, or its client id
 * @param nowMs by GitHub's clock
 */
export function jsonWebToken(issuer: string, key: KeyObject, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  const head = encoded({ alg: 'RS256', typ: 'JWT' });
  const claims = encoded({ iat: now - skew, exp: now + lifetime, iss: issuer });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), key).toString('base64url');
  return `${head}.${claims}.${signature}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
