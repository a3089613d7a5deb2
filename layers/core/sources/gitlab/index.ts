import { hostAddress } from '../hosting/address.ts';
import { defineHost } from '../hosting/define-host.ts';

const defaultUrl = 'https://gitlab.com';

/** GitLab, at gitlab.com or self-managed. */
export const gitLabDefinition = defineHost({
  name: 'gitlab',
  label: 'GitLab',
  owner: 'group or user',
  tokenVariables: ['GITLAB_TOKEN'],
  // https://docs.gitlab.com/cli/config/get/
  ownToken: { program: 'glab', args: (host) => ['config', 'get', 'token', '--host', host] },
  urlVariable: 'GITLAB_URL',
  defaultUrl,
  // https://docs.gitlab.com/development/gitaly/#internal-refs
  hiddenRefs: ['refs/merge-requests/*', 'refs/pipelines/*', 'refs/keep-around/*', 'refs/environments/*'],
  address: (url = defaultUrl) => hostAddress(url, 'the address of GitLab', '/api/v4'),
  load: async () => (await import('./gitlab-host.ts')).gitLab,
});
