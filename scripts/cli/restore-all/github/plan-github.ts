import pMap from 'p-map';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { code as codeDataset } from '#core/sources/github/datasets/code.ts';
import { lfs } from '#core/sources/github/datasets/lfs.ts';
import { parseDatasets, type DatasetNames } from '#core/sources/github/datasets/selection.ts';
import { repositoryDatasets } from '#core/sources/github/datasets/table.ts';
import type { Context } from '../../context.ts';
import {
  isMoving,
  refuseSameNames,
  restoreOne,
  unitOf,
  whenItIsThere,
  type Unit,
} from '../../kinds/repositories/restore-all.ts';
import { creationMs, transferMs } from '../estimate.ts';
import { GitHubRepositories } from '../places/github.ts';
import type { Chosen, KindPlan, Planned, RestoreAll, Result, Watch } from '../plan.ts';
import { failureOf, resultOf } from '../result.ts';
import { groupsOf, type Group } from './groups.ts';
import type { Part, PartRequest } from './part.ts';
import { planDiscussions, planIssuesPart, planReleasesPart, planSettingsPart } from './record-parts.ts';
import { planObjects } from './objects-part.ts';
import { storedVisibility } from './visibility.ts';
import { planWiki } from './wiki-part.ts';

/** How many repositories are looked at, at once, while the plan is made. */
const looksAtOnce = 4;

/** The order in which what belongs to a repository comes back, after its objects of Git LFS and its refs. */
const planners: readonly (readonly [string, (request: PartRequest, item: Chosen) => Promise<Part>])[] = [
  ['wiki', planWiki],
  ['issues', planIssuesPart],
  ['discussions', planDiscussions],
  ['releases', planReleasesPart],
  ['settings', planSettingsPart],
];

/** A repository with all that is restored of it. */
interface Repository {
  request: PartRequest;
  code: Unit | undefined;
  objects: Part | undefined;
  /** In the order in which they are restored. */
  parts: Part[];
}

/** Plans the restore of repositories to GitHub with everything that belongs to them, each in the order that it takes. */
export async function planGitHub(
  context: Context,
  all: RestoreAll,
  items: readonly Chosen[],
  target: { owner: string; repository?: string | undefined },
): Promise<KindPlan> {
  const names = parseDatasets(all.flags.datasets, '--datasets');
  const groups = groupsOf(items);
  if (target.repository !== undefined && groups.length > 1)
    throw new HoldfastError('Usage', `${groups.length} repositories cannot all become ${all.flags.to}`, {
      advice: `Name one repository; or restore them all to github:${target.owner}, by --all.`,
    });
  const places = await GitHubRepositories.open(context, target, all.flags);
  try {
    const repositories = await pMap(groups, (group) => planGroup(context, all, places, group, names), {
      concurrency: looksAtOnce,
    });
    refuseSameNames(repositories.flatMap(({ code }) => (code ? [code] : [])));
    repositories.sort(
      (a, b) => bytesOf(b) - bytesOf(a) || (a.request.group.address < b.request.group.address ? -1 : 1),
    );
    const planned = repositories.flatMap((one) => linesOf(one).map((line) => line.planned));
    const moving = planned.filter(isMoving);
    const made = repositories.filter(({ request }) => !request.exists).length;
    const creations = repositories.flatMap(linesOf).reduce((sum, line) => sum + line.creations, made);
    return {
      planned,
      notes: moving.length > 0 ? places.notes : [],
      lacks: places.lacks,
      estimateMs: Math.max(
        transferMs(
          moving.map(({ bytes }) => bytes),
          all.flags.concurrency,
        ),
        creationMs(creations, places.creation),
      ),
      act: async (watch) => {
        await pMap(repositories, (one) => restoreRepository(context, all, places, one, watch), {
          concurrency: all.flags.concurrency,
        });
      },
      close: () => places.close(),
    };
  } catch (error) {
    places.close();
    throw error;
  }
}

function linesOf({ code, objects, parts }: Repository): { planned: Planned; creations: number }[] {
  return [
    ...(objects ? [objects] : []),
    ...(code ? [{ planned: code.planned, creations: 0 }] : []),
    ...parts.map(({ planned, creations }) => ({ planned, creations: isMoving(planned) ? creations : 0 })),
  ];
}

function bytesOf(repository: Repository): number {
  return linesOf(repository).reduce((sum, { planned }) => sum + planned.bytes, 0);
}

async function planGroup(
  context: Context,
  all: RestoreAll,
  places: GitHubRepositories,
  group: Group,
  names: DatasetNames,
): Promise<Repository> {
  throwIfInterrupted(context.signal);
  const isChosen = (name: string): boolean => names?.has(name) ?? true;
  const codeItem = group.parts.get(codeDataset.name);
  const code =
    codeItem && isChosen(codeDataset.name)
      ? await unitOf(context, all, places, { ...codeItem, below: group.below })
      : undefined;
  const request = await requestFor(context, all, places, group, code, names);
  const left: Part[] = repositoryDatasets
    .filter(({ name }) => !isChosen(name))
    .flatMap(({ name }) => {
      const item = group.parts.get(name);
      return item ? [leftOut(item, 'not among --datasets')] : [];
    });
  const parts: Part[] = [];
  for (const [name, plan] of planners) {
    const item = group.parts.get(name);
    if (item && isChosen(name)) parts.push(await planSafely(request, item, plan));
  }
  const objects = group.parts.get(lfs.name);
  return {
    request,
    code,
    objects: objects && isChosen(lfs.name) ? await planSafely(request, objects, planObjects) : undefined,
    parts: [...parts, ...left],
  };
}

async function requestFor(
  context: Context,
  all: RestoreAll,
  places: GitHubRepositories,
  group: Group,
  code: Unit | undefined,
  names: DatasetNames,
): Promise<PartRequest> {
  const base = { context, all, places, group, names, branches: code?.content?.refs };
  try {
    const place = places.place(group);
    const found = await places.maker.find(place.repository);
    const isOurs = !found || all.journal.hasBegun(group.address);
    const why = code?.planned.foreseen === 'fails' ? code.planned.why : undefined;
    const isOpen = found?.private === false;
    const blocked =
      why === undefined
        ? isOpen
          ? `${place.name} is public: anybody could read what came there`
          : undefined
        : `its repository fails: ${why.message}`;
    return { ...base, repository: place.repository, to: place.name, exists: found !== undefined, isOurs, blocked };
  } catch (error) {
    throwIfInterrupted(context.signal);
    return { ...base, repository: '', to: '', exists: false, isOurs: false, blocked: failureOf(error).message };
  }
}

/** What cannot be planned fails alone. */
async function planSafely(
  request: PartRequest,
  item: Chosen,
  plan: (request: PartRequest, item: Chosen) => Promise<Part>,
): Promise<Part> {
  const base = { address: item.address, snapshot: item.entry.snapshot, items: 1, bytes: 0 };
  try {
    const part = await plan(request, item);
    if (request.blocked === undefined || !isMoving(part.planned)) return part;
    const why = { code: 'TargetNotEmpty', message: request.blocked };
    return { planned: { ...part.planned, foreseen: 'fails', why }, creations: 0 };
  } catch (error) {
    throwIfInterrupted(request.context.signal);
    return { planned: { ...base, foreseen: 'fails', why: failureOf(error) }, creations: 0 };
  }
}

function leftOut({ address, entry }: Chosen, message: string): Part {
  const base = { address, snapshot: entry.snapshot, items: 1, bytes: 0 };
  return { planned: { ...base, foreseen: 'left-out', why: { code: 'LeftOut', message } }, creations: 0 };
}

/** Objects of Git LFS before the refs that name them, which GitHub would refuse; what people see last. */
async function restoreRepository(
  context: Context,
  all: RestoreAll,
  places: GitHubRepositories,
  { request, code, objects, parts }: Repository,
  watch: Watch,
): Promise<void> {
  throwIfInterrupted(context.signal);
  const results: Result[] = [];
  const finished = (result: Result): void => {
    results.push(result);
    watch.finished(result);
  };
  let trouble: string | undefined;
  const sendObjects = async (isNew: boolean): Promise<void> => {
    if (objects) finished(await whenItIsThere(context.signal, isNew, () => runPart(context, objects, watch)));
  };
  if (code && isMoving(code.planned)) {
    const { address, bytes, foreseen } = code.planned;
    watch.started(address, bytes);
    const sent = { objects: false };
    const result = await restoreOne(context, all, code, watch, async () => {
      sent.objects = true;
      await sendObjects(foreseen === 'made');
    });
    finished(result);
    if (!sent.objects && objects) finished(failedWith(objects, 'the repository could not be made'));
    if (result.outcome === 'failed') trouble = `its repository failed: ${result.message ?? ''}`;
  } else {
    if (code) finished(resultOf(code.planned));
    const moves = [...parts, ...(objects ? [objects] : [])].some(({ planned }) => isMoving(planned));
    if (!code && !request.exists && moves) trouble = await makeEmpty(context, all, places, request);
    if (trouble === undefined) await sendObjects(!code);
    else if (objects) finished(failedWith(objects, trouble));
  }
  for (const part of parts)
    finished(
      trouble !== undefined && isMoving(part.planned) ? failedWith(part, trouble) : await runPart(context, part, watch),
    );
  if (all.flags.visibility === 'stored' && results.every(({ outcome }) => outcome !== 'failed'))
    await showAgain(context, places, request);
}

/** A repository of which only records are restored. @returns what went wrong */
async function makeEmpty(
  context: Context,
  { journal }: RestoreAll,
  places: GitHubRepositories,
  { group, context: { output } }: PartRequest,
): Promise<string | undefined> {
  try {
    await journal.add({ step: 'making', address: group.address });
    for (const note of await places.place(group).make()) output.line(`${group.address}: ${note}`);
    return undefined;
  } catch (error) {
    throwIfInterrupted(context.signal);
    return `the repository could not be made: ${failureOf(error).message}`;
  }
}

async function runPart(context: Context, { planned, run }: Part, watch: Watch): Promise<Result> {
  if (!isMoving(planned) || !run) return resultOf(planned);
  const { address, bytes } = planned;
  watch.started(address, bytes);
  try {
    throwIfInterrupted(context.signal);
    const result = await run((sent) => watch.progress(address, sent));
    return { ...resultOf(planned), ...result };
  } catch (error) {
    throwIfInterrupted(context.signal);
    return resultOf({ ...planned, foreseen: 'fails', why: failureOf(error) });
  }
}

function failedWith({ planned }: Part, message: string): Result {
  return isMoving(planned)
    ? resultOf({ ...planned, foreseen: 'fails', why: { code: 'TargetNotEmpty', message } })
    : resultOf(planned);
}

/** Last of all, and only where that was asked for. */
async function showAgain(context: Context, places: GitHubRepositories, request: PartRequest): Promise<void> {
  const item = request.group.parts.get('settings');
  const visibility = item && (await storedVisibility(context.vault, item.entry));
  if (visibility === undefined || visibility === 'private') return;
  const {
    group,
    repository,
    context: { output },
  } = request;
  try {
    await places.maker.setVisibility(repository, visibility);
    output.line(`${group.address} is ${visibility} again, at ${request.to}`);
  } catch (error) {
    throwIfInterrupted(context.signal);
    output.line(`${group.address} stays private: ${failureOf(error).message}`);
  }
}
