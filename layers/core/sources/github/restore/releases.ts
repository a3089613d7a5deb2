import * as v from 'valibot';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Difference } from './compare.ts';
import type { RestoredRecords } from './issues.ts';
import type { RefusedRecord } from './sequence.ts';
import { stored, storedRelease, type StoredDataset, type StoredFile, type StoredRelease } from './stored.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { textDigest } from './present.ts';
import { compose } from './text/compose.ts';
import { markerIn } from './text/marker.ts';

const assetSchema = v.object({
  id: v.number(),
  name: v.string(),
  size: v.number(),
  state: v.string(),
  digest: v.nullish(v.string()),
});

const releaseSchema = v.object({
  id: v.number(),
  tag_name: v.string(),
  name: v.nullish(v.string()),
  body: v.nullish(v.string()),
  draft: v.boolean(),
  prerelease: v.optional(v.boolean(), false),
  assets: v.optional(v.array(assetSchema), []),
});

type PresentRelease = v.InferOutput<typeof releaseSchema>;
type PresentAsset = v.InferOutput<typeof assetSchema>;

export interface ReleasesRestore {
  target: RestoreTarget;
  dataset: StoredDataset;
  from: string;
  /** Only the release of this tag or name. */
  only?: string | undefined;
  /** Whether `#12` in its text means what it meant. */
  keepsNumbers: boolean;
  /** Left as drafts, which no one but writers sees and of which no one is notified. */
  asDrafts: boolean;
  signal?: AbortSignal | undefined;
  onMade?: (() => void) | undefined;
  /** Bytes of assets that were sent so far. */
  onSent?: ((bytes: number) => void) | undefined;
}

/** The most that GitHub takes as the text of a release, in characters. */
const longestText = 125_000;

/** The releases of a snapshot, oldest first, so that the newest comes out as the latest. */
export async function releasesOf(dataset: StoredDataset, withDeleted = false): Promise<[string, StoredRelease][]> {
  const found: [string, StoredRelease][] = [];
  for await (const line of dataset.records())
    if (line.type === 'release' && (withDeleted || line.deleted === undefined))
      found.push([line.key, stored(storedRelease, line)]);
  const at = ({ published_at: published, created_at: created }: StoredRelease): string => published ?? created;
  return found.sort(([, a], [, b]) => (at(a) < at(b) ? -1 : 1));
}

/**
 * Makes releases: each as a draft, then its assets, and published once they are all there. One whose tag has a release
 * already is left as it is.
 */
export async function restoreReleases(request: ReleasesRestore): Promise<RestoredRecords & { left: string[] }> {
  const { target, dataset, only } = request;
  const refused: RefusedRecord[] = [];
  const notes: string[] = [];
  const left: string[] = [];
  const all = await releasesOf(dataset, only !== undefined);
  const wanted = only === undefined ? all : all.filter(([, { tag_name: tag, name }]) => tag === only || name === only);
  if (only !== undefined && wanted.length === 0)
    throw new HoldfastError('NotFound', `the snapshot has no release ${JSON.stringify(only)}`);
  for (const [key, release] of wanted) {
    throwIfInterrupted(request.signal);
    const of = `${request.from}/${key}`;
    const present = await presentReleases(target);
    const there = present.find(({ body }) => markerIn(body)?.of === of);
    const other = present.find(({ tag_name: tag }) => tag === release.tag_name);
    if (!there && other && !release.draft) {
      left.push(`the release ${release.tag_name} is there and was left as it is`);
      continue;
    }
    try {
      const made = there ?? (await makeDraft(request, of, release, present));
      await addAssets(request, key, release, made, refused);
      await publish(request, release, made, notes);
      request.onMade?.();
    } catch (error) {
      if (!hasCode(error, 'RemoteRefused', 'AlreadyExists')) throw error;
      refused.push({ of, why: error.message });
    }
  }
  return { refused, notes: [...notes, ...left], left, ...(await compareReleases(request, wanted)) };
}

/** Whether a repository that exists has all of them, equal. */
export async function lookAtReleases(request: ReleasesRestore): Promise<'there' | 'missing'> {
  const all = await releasesOf(request.dataset);
  return (await compareReleases(request, all)).different.length === 0 ? 'there' : 'missing';
}

async function presentReleases(target: RestoreTarget): Promise<PresentRelease[]> {
  const found: PresentRelease[] = [];
  const list = `${pathOf(target)}/releases`;
  for await (const one of target.writer.list(list, `the releases of ${nameOf(target)}`, releaseSchema)) found.push(one);
  return found;
}

function textOf(request: ReleasesRestore, of: string, release: StoredRelease): string {
  const { target, dataset, keepsNumbers } = request;
  const [{ body }] = compose(
    { of, snapshot: dataset.snapshot },
    {
      author: release.author?.login,
      did: release.draft ? 'drafted this release' : 'published this release',
      at: release.published_at ?? release.created_at,
      url: release.html_url,
      more: [],
      text: release.body ?? '',
    },
    { keepsNumbers, webHost: target.writer.addresses.host, longest: longestText },
  );
  return body;
}

async function makeDraft(
  request: ReleasesRestore,
  of: string,
  release: StoredRelease,
  present: readonly PresentRelease[],
): Promise<PresentRelease> {
  const { target } = request;
  const content = {
    tag_name: release.tag_name,
    ...(release.target_commitish === undefined ? {} : { target_commitish: release.target_commitish }),
    name: release.name ?? '',
    body: textOf(request, of, release),
    draft: true,
    prerelease: release.prerelease,
    make_latest: 'false',
  };
  const known = new Set(present.map(({ id }) => id));
  const find = async (): Promise<PresentRelease | undefined> =>
    (await presentReleases(target)).find(({ id, body }) => !known.has(id) && markerIn(body)?.of === of);
  const what = `the release ${release.tag_name} of ${nameOf(target)}`;
  return target.writer.create(`${pathOf(target)}/releases`, what, releaseSchema, content, find);
}

async function addAssets(
  request: ReleasesRestore,
  key: string,
  release: StoredRelease,
  made: PresentRelease,
  refused: RefusedRecord[],
): Promise<void> {
  const { target, dataset, onSent } = request;
  const path = `${pathOf(target)}/releases/${made.id}/assets`;
  for (const asset of release.assets) {
    throwIfInterrupted(request.signal);
    const file = dataset.files.get(`assets/${asset.id}`);
    if (!file) {
      refused.push({ of: `${request.from}/${key}/${asset.name}`, why: 'the vault does not hold its content' });
      continue;
    }
    const there = made.assets.find(({ name }) => name === asset.name);
    if (there && isSame(there, file)) {
      onSent?.(file.bytes);
      continue;
    }
    if (there) await removeAsset(target, there);
    const label = asset.label == null || asset.label === '' ? '' : `&label=${encodeURIComponent(asset.label)}`;
    const find = async (): Promise<PresentAsset | undefined> => {
      for await (const one of target.writer.list(path, `the assets of ${release.tag_name}`, assetSchema)) {
        if (one.name !== asset.name) continue;
        if (isSame(one, file)) return one;
        // What broke off half-way keeps the name.
        await removeAsset(target, one);
      }
      return undefined;
    };
    const sent = await target.writer.upload(
      `${path}?name=${encodeURIComponent(asset.name)}${label}`,
      `the asset ${asset.name} of ${nameOf(target)} ${release.tag_name}`,
      assetSchema,
      { length: file.bytes, type: asset.content_type, read: () => file.read() },
      find,
    );
    if (!isSame(sent, file))
      throw new HoldfastError('Corrupt', `${asset.name} of ${release.tag_name} did not arrive as it was sent`);
    onSent?.(file.bytes);
  }
}

function isSame({ state, size, digest }: PresentAsset, { bytes, sha256 }: StoredFile): boolean {
  return state === 'uploaded' && size === bytes && (digest == null || digest === `sha256:${sha256}`);
}

async function removeAsset(target: RestoreTarget, { id, name }: PresentAsset): Promise<void> {
  const path = `${pathOf(target)}/releases/assets/${id}`;
  await target.writer.change('DELETE', path, `the broken asset ${name}`, v.unknown()).catch((error: unknown) => {
    if (!hasCode(error, 'SourceMissing')) throw error;
  });
}

/** GitHub would make a missing tag, at whatever the default branch is now. */
async function publish(
  { target, asDrafts }: ReleasesRestore,
  release: StoredRelease,
  { id, draft }: PresentRelease,
  notes: string[],
): Promise<void> {
  if (release.draft || !draft) return;
  if (asDrafts) {
    notes.push(`the release ${release.tag_name} is a draft: publish it in the browser, which notifies who watches`);
    return;
  }
  const tag = release.tag_name.split('/').map(encodeURIComponent).join('/');
  try {
    await target.writer.read(`${pathOf(target)}/git/ref/tags/${tag}`, `the tag ${release.tag_name}`, v.unknown());
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    notes.push(`the release ${release.tag_name} stays a draft, since ${nameOf(target)} has no such tag`);
    return;
  }
  const what = `publishing the release ${release.tag_name} of ${nameOf(target)}`;
  await target.writer.change('PATCH', `${pathOf(target)}/releases/${id}`, what, releaseSchema, {
    draft: false,
    make_latest: release.prerelease ? 'false' : 'legacy',
  });
}

async function compareReleases(
  request: ReleasesRestore,
  wanted: readonly [string, StoredRelease][],
): Promise<{ compared: number; different: Difference[] }> {
  const present = await presentReleases(request.target);
  const different: Difference[] = [];
  let compared = 0;
  for (const [key, release] of wanted) {
    compared += 1 + release.assets.length;
    const of = `${request.from}/${key}`;
    const there = present.find(({ body }) => markerIn(body)?.of === of);
    const name = `releases/${release.tag_name}`;
    if (!there) {
      different.push({ key: name, what: 'missing, or another one' });
      continue;
    }
    const what = [
      ...(there.tag_name === release.tag_name ? [] : ['tag']),
      ...((there.name ?? '') === (release.name ?? '') ? [] : ['name']),
      ...(there.prerelease === release.prerelease ? [] : ['prerelease']),
      ...(there.draft === release.draft ? [] : ['draft']),
      ...(textDigest(there.body ?? '') === textDigest(textOf(request, of, release)) ? [] : ['text']),
    ];
    if (what.length > 0) different.push({ key: name, what: what.join(', ') });
    for (const { id, name: file } of release.assets) {
      const content = request.dataset.files.get(`assets/${id}`);
      const asset = there.assets.find((one) => one.name === file);
      if (!content || !asset || !isSame(asset, content)) different.push({ key: `${name}/${file}`, what: 'missing' });
    }
  }
  return { compared, different };
}
