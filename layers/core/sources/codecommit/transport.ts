import { HttpTransport } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import { repositoryPath, type CodeCommitRepository } from './addresses.ts';
import type { CodeCommitApi } from './api.ts';
import { codeCommitAuthorization } from './signature.ts';

/** A way to one repository, each request signed at its moment with the credentials of that moment. */
export function openCodeCommit(
  http: HttpClient,
  api: Pick<CodeCommitApi, 'credentials'>,
  { region, name, endpoint }: CodeCommitRepository,
): Transport {
  const path = repositoryPath(name);
  return new HttpTransport(new URL(path, endpoint), http, async (at) => {
    // A redirect must not carry the signature to another host.
    if (at.host !== endpoint.host) return undefined;
    return codeCommitAuthorization(await api.credentials(), { region, host: at.host, path }, new Date());
  });
}
