import { hostAddress } from '../hosting/address.ts';
import type { HostDefinition } from '../hosting/definition.ts';

const defaultUrl = 'https://gitlab.com';

/** GitLab, at gitlab.com or self-managed. */
export const gitLabDefinition: HostDefinition = {
  name: 'gitlab',
  kindOf: () => 'repositories',
  label: 'GitLab',
  owner: 'group or user',
  tokenVariables: ['GITLAB_TOKEN'],
  urlVariable: 'GITLAB_URL',
  defaultUrl,
  // https://docs.gitlab.com/development/gitaly/#internal-refs
  hiddenRefs: ['refs/merge-requests/*', 'refs/pipelines/*', 'refs/keep-around/*', 'refs/environments/*'],
  address: (url = defaultUrl) => hostAddress(url, 'the address of GitLab', '/api/v4'),
  load: async () => (await import('./gitlab-host.ts')).gitLab,
};
