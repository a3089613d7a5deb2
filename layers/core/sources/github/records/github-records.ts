import { HoldfastError } from '#core/runtime/errors.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Dataset, RecordSource } from '../../records.ts';
import { accountIdOf, placeBelowAccount } from '../accounts/account-item.ts';
import { gists, organization, projects } from '../datasets/accounts.ts';
import { AttachmentReader } from './attachment-reader.ts';
import type { AccountPlace } from './account-place.ts';
import { isRecordDataset } from './dataset-names.ts';
import { DiscussionsDataset } from './discussions.ts';
import { gistNames, GistsDataset, starredGistNames } from './gists.ts';
import { IssuesDataset } from './issues.ts';
import { organizationDataset } from './organization.ts';
import { personalDataset } from './personal.ts';
import { ProjectsDataset } from './projects.ts';
import { RecordsApi, type RecordsApiOptions } from './records-api.ts';
import { ReleasesDataset } from './releases.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { settingsDataset } from './settings.ts';

/** The datasets of GitHub that consist of records. */
export class GitHubRecords implements RecordSource {
  readonly #api: RecordsApi;
  readonly #attachments: AttachmentReader | undefined;

  /** @param withAttachments whether the files are kept to which texts refer */
  constructor(options: RecordsApiOptions, withAttachments: boolean) {
    this.#api = new RecordsApi(options);
    const { http, addresses, credential } = options;
    if (withAttachments) this.#attachments = new AttachmentReader(http, addresses, credential);
  }

  dataset(item: ManifestItem): Dataset {
    const below = placeBelowAccount(item.path);
    if (below) return this.#ofAccount(item, below);
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
        return new IssuesDataset(this.#api, place, this.#attachments);
      case 'discussions':
        return new DiscussionsDataset(this.#api, place, this.#attachments);
      case 'releases':
        return new ReleasesDataset(this.#api, place, this.#attachments);
      case 'settings':
        return settingsDataset(this.#api, place);
    }
  }

  /** The names of the gists of a user that the credential sees. */
  gists(login: string): AsyncGenerator<string> {
    return gistNames(this.#api, login);
  }

  /** The names of the gists that the credential's user has starred. */
  starredGists(): AsyncGenerator<string> {
    return starredGistNames(this.#api);
  }

  close(): void {
    this.#api.close();
  }

  #ofAccount(item: ManifestItem, { login, dataset }: { login: string; dataset: string }): Dataset {
    const id = accountIdOf(item);
    if (id === undefined || /^\.{0,2}$/.test(login))
      throw new HoldfastError('SourceMissing', `${item.name} is not a dataset of an account at GitHub`);
    const place: AccountPlace = { id, login };
    switch (dataset) {
      case organization.name:
        return organizationDataset(this.#api, place);
      case projects.name:
        return new ProjectsDataset(this.#api, place);
      case gists.name:
        return new GistsDataset(this.#api, place);
      default:
        return personalDataset(this.#api, place, dataset);
    }
  }
}
