import { HoldfastError } from '#core/runtime/errors.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Dataset, RecordSource } from '../../records.ts';
import { DiscussionsDataset } from './discussions.ts';
import { IssuesDataset } from './issues.ts';
import { RecordsApi, type RecordsApiOptions } from './records-api.ts';
import { ReleasesDataset } from './releases.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { SettingsDataset } from './settings.ts';
import { isRecordDataset } from './dataset-names.ts';

/** The datasets of GitHub that consist of records. */
export class GitHubRecords implements RecordSource {
  readonly #api: RecordsApi;

  constructor(options: RecordsApiOptions) {
    this.#api = new RecordsApi(options);
  }

  dataset(item: ManifestItem): Dataset {
    const [owner = '', repository = '', name, ...rest] = item.path;
    const isPlace = [owner, repository].every((part) => !/^\.{0,2}$/.test(part));
    if (!isPlace || rest.length > 0 || !isRecordDataset(name))
      throw new HoldfastError('SourceMissing', `${item.name} is not a dataset of a repository at GitHub`);
    const place: RepositoryPlace = {
      id: item.id.slice(0, -name.length - 1),
      owner,
      repository,
      name: `${owner}/${repository}`,
      path: `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`,
    };
    switch (name) {
      case 'issues':
        return new IssuesDataset(this.#api, place);
      case 'discussions':
        return new DiscussionsDataset(this.#api, place);
      case 'releases':
        return new ReleasesDataset(this.#api, place);
      case 'settings':
        return new SettingsDataset(this.#api, place);
    }
  }

  close(): void {
    this.#api.close();
  }
}
