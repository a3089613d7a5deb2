import { HttpTransport } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { hasCode } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import { repositoryPath, type CodeCommitRepository } from './addresses.ts';
import type { CodeCommitApi } from './api.ts';
import { codeCommitAuthorization } from './signature.ts';

/** A way to one repository, each request signed at its moment with the credentials of that moment. */
export function openCodeCommit(
  http: HttpClient,
  api: Pick<CodeCommitApi, 'credentials'> & Partial<Pick<CodeCommitApi, 'explain'>>,
  { region, name, endpoint }: CodeCommitRepository,
): Transport {
  const path = repositoryPath(name);
  const git = new HttpTransport(new URL(path, endpoint), http, async (at) => {
    // A redirect must not carry the signature to another host.
    if (at.host !== endpoint.host) return undefined;
    return codeCommitAuthorization(await api.credentials(), { region, host: at.host, path }, new Date());
  });
  const explained = async <T>(request: Promise<T>): Promise<T> => {
    try {
      return await request;
    } catch (error) {
      throw hasCode(error, 'AccessDenied', 'Unavailable') && !error.transient
        ? ((await api.explain?.(name, error)) ?? error)
        : error;
    }
  };
  return {
    address: git.address,
    advertisement: (service, version) => explained(git.advertisement(service, version)),
    exchange: (service, version, body) => explained(git.exchange(service, version, body)),
    close: () => git.close(),
  };
}
