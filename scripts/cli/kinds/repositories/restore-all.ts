import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { refMatcher } from '#core/git/refs.ts';
import { repositoryContent, type RepositoryContent } from '#core/repositories/restore/content.ts';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { Context } from '../../context.ts';
import { count } from '../../format.ts';
import { creationMs, transferMs } from '../../restore-all/estimate.ts';
import { openPlaces } from '../../restore-all/places/open-places.ts';
import type { Place, Places, Standing } from '../../restore-all/places/place.ts';
import type { Chosen, KindPlan, Planned, RestoreAll, Result, Watch } from '../../restore-all/plan.ts';
import { failureOf, resultOf } from '../../restore-all/result.ts';

/** How many repositories are looked at, at once, while the plan is made. */
const looksAtOnce = 8;

/** One repository with all that its restore needs; without place and content where it is not restored. */
export interface Unit {
  planned: Planned;
  place?: Place;
  content?: RepositoryContent;
}

/** Plans the restore of many repositories, by what stands at their places now. */
export async function planRepositories(
  context: Context,
  request: RestoreAll,
  items: readonly Chosen[],
): Promise<KindPlan> {
  const { flags } = request;
  const places = await openPlaces(context, flags);
  try {
    const units = await pMap(items, (item) => unitOf(context, request, places, item), { concurrency: looksAtOnce });
    refuseSameNames(units);
    // The largest first: were one the last, all others would be waited for it.
    units.sort((a, b) => b.planned.bytes - a.planned.bytes || (a.planned.address < b.planned.address ? -1 : 1));
    const moving = units.map(({ planned }) => planned).filter(isMoving);
    const made = moving.filter(({ foreseen }) => foreseen === 'made').length;
    return {
      planned: units.map(({ planned }) => planned),
      notes: moving.length > 0 ? places.notes : [],
      lacks: places.lacks,
      estimateMs: Math.max(
        transferMs(
          moving.map(({ bytes }) => bytes),
          flags.concurrency,
        ),
        places.creation ? creationMs(made, places.creation) : 0,
      ),
      act: (watch) => act(context, request, units, watch),
      close: () => places.close(),
    };
  } catch (error) {
    places.close();
    throw error;
  }
}

export function isMoving({ foreseen }: Planned): boolean {
  return foreseen === 'made' || foreseen === 'content';
}

export async function unitOf(context: Context, request: RestoreAll, places: Places, item: Chosen): Promise<Unit> {
  const { address, entry } = item;
  const base = { address, snapshot: entry.snapshot, items: 1, bytes: 0 };
  try {
    throwIfInterrupted(context.signal);
    const content = await repositoryContent(new Catalogue(context.vault), entry.item, entry.snapshot);
    const refused = places.refuses(item, content);
    if (refused) return { planned: { ...base, foreseen: 'left-out', why: { code: 'LeftOut', ...refused } } };
    const bytes = content.data.reduce((sum, data) => sum + data.bytes, 0);
    const place = places.place(item);
    const planned = { ...base, to: place.name, bytes };
    try {
      const foreseen = foresee(place, content, await place.look(), request.journal.hasBegun(address));
      return { planned: { ...planned, foreseen }, place, content };
    } catch (error) {
      throwIfInterrupted(context.signal);
      return { planned: { ...planned, foreseen: 'fails', why: failureOf(error) } };
    }
  } catch (error) {
    throwIfInterrupted(context.signal);
    return { planned: { ...base, foreseen: 'fails', why: failureOf(error) } };
  }
}

/** @throws {HoldfastError} where it cannot be restored there */
function foresee(
  place: Place,
  content: RepositoryContent,
  standing: Standing | undefined,
  begun: boolean,
): 'made' | 'content' | 'there' {
  if (!standing) {
    if (place.make) return 'made';
    throw new HoldfastError('SourceMissing', `there is no repository ${place.name}`, {
      advice: 'Create it there, empty, and run the same command again.',
    });
  }
  if (isEqual(content, standing)) return 'there';
  if (standing.public === true)
    throw new HoldfastError(
      'TargetNotEmpty',
      `${place.name} exists and is public: anybody could read what came there`,
      {
        advice: 'Make it private, delete it or rename it, and run the same command again.',
      },
    );
  const isMarked = [...standing.refs.keys()].some((name) => name.startsWith('refs/tags/holdfast-restore-'));
  if (standing.refs.size === 0 || begun || isMarked) return 'content';
  throw new HoldfastError('TargetNotEmpty', `${place.name} exists and holds something else than the snapshot`, {
    advice: 'Nothing is ever restored over something: delete or rename it, or restore to another place.',
  });
}

function isEqual({ refs }: RepositoryContent, { refs: there, hidden }: Standing): boolean {
  const isHidden = refMatcher(hidden);
  return (
    [...refs].every(([name, oid]) => isHidden(name) || there.get(name) === oid) &&
    [...there.keys()].every((name) => isHidden(name) || refs.has(name))
  );
}

/** Of two that would get the same name, the one whose address comes first gets it. */
export function refuseSameNames(units: Unit[]): void {
  const owners = new Map<string, string>();
  for (const unit of units.toSorted((a, b) => (a.planned.address < b.planned.address ? -1 : 1))) {
    if (!unit.place) continue;
    // GitHub, Windows and macOS take two names for one that differ by case alone.
    const name = unit.place.name.toLowerCase();
    const owner = owners.get(name);
    owners.set(name, owner ?? unit.planned.address);
    if (owner === undefined) continue;
    const why = {
      code: 'TargetNotEmpty',
      message: `${unit.place.name} is where ${owner} goes`,
      advice: `Restore it alone, under another name: holdfast restore ${unit.planned.address} --to …`,
    };
    unit.planned = { ...unit.planned, foreseen: 'fails', why };
  }
}

async function act(context: Context, request: RestoreAll, units: readonly Unit[], watch: Watch): Promise<void> {
  await pMap(
    units,
    async (unit) => {
      throwIfInterrupted(context.signal);
      const { address, bytes } = unit.planned;
      watch.started(address, bytes);
      watch.finished(await restoreOne(context, request, unit, watch));
    },
    { concurrency: request.flags.concurrency },
  );
}

/** @param beforeContent what comes between the making of a place and its content */
export async function restoreOne(
  context: Context,
  { journal }: RestoreAll,
  unit: Unit,
  watch: Watch,
  beforeContent: () => Promise<void> = () => Promise.resolve(),
): Promise<Result> {
  const { planned, place, content } = unit;
  const { address } = planned;
  if (!isMoving(planned) || !place || !content) return resultOf(planned);
  try {
    await journal.add({ step: 'making', address });
    const made = planned.foreseen === 'made' ? ((await place.make?.(content)) ?? []) : [];
    await beforeContent();
    const { refused, leftOut, notes } = await whenItIsThere(context.signal, planned.foreseen === 'made', () =>
      place.restore(content, {
        signal: context.signal,
        onProgress: (bytes) => watch.progress(address, bytes),
        onPhase: (phase) => watch.phase(address, phase),
      }),
    );
    const [first] = refused;
    if (first)
      throw new HoldfastError(
        'RemoteRefused',
        `${count(refused.length, 'ref')} of ${content.refs.size} did not get there: ${first.name}: ${first.reason}`,
      );
    await journal.add({ step: 'done', address });
    const kept =
      leftOut.length === 0 ? [] : [`${count(leftOut.length, 'ref')} left out, since they are read-only there`];
    return { ...resultOf(planned), notes: [...made, ...notes, ...kept] };
  } catch (error) {
    throwIfInterrupted(context.signal);
    return resultOf({ ...planned, foreseen: 'fails', why: failureOf(error) });
  }
}

/** In milliseconds. A host may take a while to know what it has just made. */
const waits = [500, 1_000, 2_000, 4_000];

export async function whenItIsThere<T>(signal: AbortSignal, isNew: boolean, act: () => Promise<T>): Promise<T> {
  for (const wait of isNew ? waits : [])
    try {
      return await act();
    } catch (error) {
      if (!hasCode(error, 'SourceMissing')) throw error;
      await sleep(wait, undefined, { signal });
    }
  return act();
}
