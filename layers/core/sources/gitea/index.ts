import { HoldfastError } from '#core/runtime/errors.ts';
import { hostAddress } from '../hosting/address.ts';
import { defineHost } from '../hosting/define-host.ts';

/** Gitea and Forgejo, wherever they are installed. */
export const giteaDefinition = defineHost({
  name: 'gitea',
  label: 'Gitea',
  owner: 'user or organisation',
  tokenVariables: ['GITEA_TOKEN', 'FORGEJO_TOKEN'],
  urlVariable: 'GITEA_URL',
  defaultUrl: undefined,
  hiddenRefs: ['refs/pull/*'],
  address: (url) => {
    if (url === undefined)
      throw new HoldfastError('ConfigurationInvalid', 'the address of Gitea or Forgejo is missing', {
        advice: 'Give that of its web pages by --url or GITEA_URL, such as https://codeberg.org.',
      });
    return hostAddress(url, 'the address of Gitea or Forgejo', '/api/v1');
  },
  load: async () => (await import('./gitea-host.ts')).gitea,
});
