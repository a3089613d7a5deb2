import { HoldfastError } from '#core/runtime/errors.ts';
import type { Dataset } from '../../records.ts';
import { refuseOther, type AccountPlace } from './account-place.ts';
import { PartsDataset, volatileOfRepositories, type Part } from './parts.ts';
import type { RecordsApi } from './records-api.ts';
import { property } from './shapes.ts';

const permission = 'no permission, but a token of that user';

/** What a user likes, by the name of the dataset. None of it takes part in what the user made. */
const partsOf: Readonly<Record<string, readonly Part[]>> = {
  starred: [{ type: 'starred-repository', path: '/starred', permission }],
  watched: [{ type: 'watched-repository', path: '/subscriptions', permission }],
  followers: [
    { type: 'follower', path: '/followers', permission },
    { type: 'following', path: '/following', permission },
  ],
};

/** Lists of a user's, read whole in each run: nothing tells whether one has changed. */
export function personalDataset(api: RecordsApi, { id, login }: AccountPlace, name: string): Dataset {
  const parts = partsOf[name];
  if (!parts) throw new HoldfastError('SourceMissing', `${login}/@${name} is not a dataset of an account at GitHub`);
  return new PartsDataset({
    api,
    name: login,
    path: `/users/${encodeURIComponent(login)}`,
    parts,
    note: name,
    fingerprint: async () => {
      const user = await api.get(`/users/${encodeURIComponent(login)}`, `the account ${login}`);
      refuseOther(property(user, 'id'), id, login);
      return undefined;
    },
    volatile: [...volatileOfRepositories, 'permissions'],
  });
}
