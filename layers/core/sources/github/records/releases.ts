import type { Dataset, RecordSink } from '../../records.ts';
import { restVersion } from './api-versions.ts';
import type { AttachmentReader } from './attachment-reader.ts';
import { Attachments } from './attachments.ts';
import type { RecordsApi } from './records-api.ts';
import { unlessRefused } from './refusal.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { release, shaped } from './shapes.ts';
import { withoutNoise } from './without-noise.ts';

/** Releases with their assets: the content of an asset never changes under its id. Drafts are seen by writers alone. */
export class ReleasesDataset implements Dataset {
  readonly #api: RecordsApi;
  readonly #place: RepositoryPlace;
  readonly #attachments: AttachmentReader | undefined;

  /** @param attachments by which the files are read to which texts refer; undefined: they are left out */
  constructor(api: RecordsApi, place: RepositoryPlace, attachments: AttachmentReader | undefined) {
    this.#api = api;
    this.#place = place;
    this.#attachments = attachments;
  }

  async read(sink: RecordSink): Promise<void> {
    await unlessRefused(
      () => this.#read(sink),
      (why) => sink.omit('release', why),
    );
  }

  comparable(_type: string, record: unknown): unknown {
    return withoutNoise(record, ['download_count', 'reactions']);
  }

  async #read(sink: RecordSink): Promise<void> {
    const { path, name } = this.#place;
    const attachments = new Attachments(sink, this.#attachments);
    for await (const record of this.#api.list(`${path}/releases`, `the releases of ${name}`)) {
      const { id, tag_name: tag, assets } = shaped(release, record, 'a release');
      await sink.put({ type: 'release', key: `releases/${id}`, api: restVersion, record });
      await attachments.keep(record);
      for (const asset of assets) {
        // One whose upload has not ended has no content yet.
        if (asset.state !== 'uploaded') continue;
        const what = `the asset ${asset.name} of ${name} ${tag}`;
        await sink.file({
          id: `assets/${asset.id}`,
          name: asset.name,
          bytes: asset.size,
          sha256: /^sha256:([0-9a-f]{64})$/.exec(asset.digest ?? '')?.[1],
          read: () => this.#api.download(`${path}/releases/assets/${asset.id}`, what),
        });
      }
    }
    sink.whole('release');
    sink.done('release');
    attachments.tell();
  }
}
