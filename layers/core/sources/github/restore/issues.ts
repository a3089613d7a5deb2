import { compareLists, compareThread, isIssueInstead, type Difference } from './compare.ts';
import { ownLabel, presentLabels, restoreLabels } from './labels.ts';
import { presentMilestones, restoreMilestones } from './milestones.ts';
import { presentThreads } from './present.ts';
import { IssueSequence, numberTaken, type RefusedRecord } from './sequence.ts';
import {
  stored,
  storedLabel,
  storedMilestone,
  type StoredDataset,
  type StoredLabel,
  type StoredMilestone,
} from './stored.ts';
import type { RestoreTarget } from './target.ts';
import { threadsOf } from './threads.ts';
import { wantedThread, type WantedOptions } from './wanted.ts';

export interface IssuesRestore {
  target: RestoreTarget;
  dataset: StoredDataset;
  /** The repository that was stored: `acme/web`. */
  from: string;
  /** The branches that the target has, by name, with their commits: between these, pull requests can be real. */
  branches: ReadonlyMap<string, string>;
  /** Whether people are assigned again, which notifies them. */
  assignees: boolean;
  /** Whether all open pull requests are made as drafts, so that no owner of code is asked for a review. */
  drafts: boolean;
  /** Numbers of discussions, which count as those of issues do, and their titles. */
  discussions: ReadonlyMap<number, string>;
  signal?: AbortSignal | undefined;
  onMade?: (() => void) | undefined;
  note?: ((of: string, number: number) => Promise<void>) | undefined;
  noted?: ReadonlyMap<string, number> | undefined;
}

export interface RestoredRecords {
  refused: RefusedRecord[];
  /** Records that were compared with what was stored, once all were made. */
  compared: number;
  different: Difference[];
  notes: string[];
}

/** What a dataset of issues holds beside its threads. */
export interface IssueLists {
  labels: StoredLabel[];
  milestones: StoredMilestone[];
  /** Of numbers that are no issues any more: what they were. */
  gaps: Map<number, string>;
}

/** Reads labels, milestones and what was deleted. */
export async function listsOf(dataset: StoredDataset): Promise<IssueLists> {
  const lists: IssueLists = { labels: [], milestones: [], gaps: new Map() };
  for await (const line of dataset.records()) {
    if (line.type === 'label' && line.deleted === undefined) lists.labels.push(stored(storedLabel, line));
    if (line.type === 'milestone' && line.deleted === undefined) lists.milestones.push(stored(storedMilestone, line));
    if (line.type === 'issue' && line.deleted !== undefined)
      lists.gaps.set(Number(line.key.split('/')[1]), 'an issue or pull request that was deleted');
  }
  return lists;
}

/**
 * Makes labels, milestones, issues and pull requests, in this order, and compares them with what was stored.
 * @throws {HoldfastError} TargetNotEmpty where numbers are taken
 */
export async function restoreIssues(request: IssuesRestore): Promise<RestoredRecords> {
  const { target, dataset, from, signal, onMade, note, noted } = request;
  const lists = await listsOf(dataset);
  for (const [number, title] of request.discussions) lists.gaps.set(number, `the discussion ${JSON.stringify(title)}`);
  const present = await presentThreads(target);
  for (const { number, marker } of present.issues.values())
    if (marker?.of !== `${from}/issues/${number}`) throw numberTaken(target, number);
  const labels = [...lists.labels, ownLabel];
  const left = await restoreLabels(target, labels);
  await restoreMilestones(target, lists.milestones);
  const sequence = new IssueSequence(target, present, {
    from,
    snapshot: dataset.snapshot,
    gaps: lists.gaps,
    signal,
    onMade,
    note,
    noted,
  });
  const options = optionsOf(request);
  for await (const thread of threadsOf(dataset.records())) await sequence.add(wantedThread(thread, options));
  const { compared, different, asIssues } = await compareIssues(request, lists);
  return {
    refused: sequence.refused,
    compared,
    different,
    notes: [
      ...left.map((name) => `the label ${name} was there, with another colour or description, and was left`),
      ...(asIssues.length === 0
        ? []
        : [`GitHub refused open pull requests, which are issues now: ${asIssues.map((one) => `#${one}`).join(', ')}`]),
    ],
  };
}

/**
 * What a repository that exists has of them: all, equal; a part, or nothing.
 * @throws {HoldfastError} TargetNotEmpty where numbers are taken by something else
 */
export async function lookAtIssues(request: IssuesRestore): Promise<'there' | 'missing'> {
  const { target, dataset, from } = request;
  const lists = await listsOf(dataset);
  const { issues } = await presentThreads(target);
  for (const { number, marker } of issues.values())
    if (marker?.of !== `${from}/issues/${number}`) throw numberTaken(target, number);
  if (issues.size === 0) return 'missing';
  return (await compareIssues(request, lists)).different.length === 0 ? 'there' : 'missing';
}

function optionsOf({ target, dataset, from, branches, assignees, drafts }: IssuesRestore): WantedOptions {
  return {
    from,
    snapshot: dataset.snapshot,
    branches,
    assignees,
    drafts,
    keepsNumbers: true,
    webHost: target.writer.addresses.host,
  };
}

/** Reads what is there now, and holds each record against what was stored. */
async function compareIssues(
  request: IssuesRestore,
  { labels, milestones }: IssueLists,
): Promise<Pick<RestoredRecords, 'compared' | 'different'> & { asIssues: number[] }> {
  const { target, dataset } = request;
  const options = optionsOf(request);
  const present = await presentThreads(target);
  const different = [
    ...compareLists({ labels, milestones }, await presentLabels(target), await presentMilestones(target)),
  ];
  const asIssues: number[] = [];
  let compared = labels.length + milestones.length;
  for await (const thread of threadsOf(dataset.records())) {
    const wanted = wantedThread(thread, options);
    compared += 1 + wanted.posts.length;
    different.push(...compareThread(wanted, present));
    const there = present.issues.get(wanted.number);
    if (there && isIssueInstead(wanted, there)) asIssues.push(wanted.number);
  }
  return { compared, different, asIssues };
}
