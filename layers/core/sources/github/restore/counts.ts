import { listsOf } from './issues.ts';
import { lostOfReleases, lostSettings } from './lost.ts';
import { releasesOf } from './releases.ts';
import { restoredSettings } from './settings.ts';
import type { StoredDataset } from './stored.ts';
import { threadsOf } from './threads.ts';
import { wantedThread, type WantedOptions } from './wanted.ts';

/** What a restore of a dataset takes and brings. */
export interface RecordsPlan {
  /** What is made, in order, for people. */
  makes: [many: number, what: string][];
  /** How many requests make something that counts against GitHub's limits. */
  creations: number;
  /** What cannot come back, and why. */
  lost: string[];
}

/** Reads all records of issues to say what becomes of them. */
export async function planIssues(dataset: StoredDataset, options: WantedOptions): Promise<RecordsPlan> {
  const { labels, milestones } = await listsOf(dataset);
  const many = { issues: 0, pulls: 0, asIssues: 0, placeholders: 0, posts: 0, reactions: 0, events: 0, types: 0 };
  let next = 1;
  for await (const thread of threadsOf(dataset.records())) {
    const { number, issue, pull, comments, events } = thread;
    const wanted = wantedThread(thread, options);
    many.placeholders += number - next;
    next = number + 1;
    if (wanted.pull) many.pulls++;
    else if (pull) many.asIssues++;
    else many.issues++;
    many.posts += wanted.posts.length;
    many.events += events;
    if (issue.type) many.types++;
    for (const { reactions } of [issue, ...comments.map(({ record }) => record)])
      many.reactions += reactions?.total_count ?? 0;
  }
  let commitComments = 0;
  for await (const line of dataset.records()) {
    if (line.type === 'commit-comment' && line.deleted === undefined) commitComments++;
  }
  const makes: RecordsPlan['makes'] = [
    [labels.length + 1, 'labels'],
    [milestones.length, 'milestones'],
    [many.issues, 'issues'],
    [many.pulls, 'open pull requests'],
    [many.asIssues, 'pull requests that become issues'],
    [many.placeholders, 'closed issues in place of missing numbers'],
    [many.posts, 'comments and reviews'],
  ];
  return {
    makes: makes.filter(([count]) => count > 0),
    creations: makes.reduce((sum, [count]) => sum + count, 0),
    lost: [
      'authors and dates: GitHub names the account that restores; each text begins with who wrote it, and when',
      ...lostOf(many.reactions, 'reactions: they belong to those who gave them'),
      ...lostOf(many.events, 'events of timelines: GitHub writes these itself; holdfast cat shows them'),
      ...lostOf(many.asIssues, 'pull requests that are merged, closed, or without their branches: they become issues'),
      ...lostOf(many.types, 'types of issues: they belong to the organisation'),
      ...lostOf(commitComments, 'comments on commits: each would notify the author of the commit'),
    ],
  };
}

function lostOf(many: number, what: string): string[] {
  return many === 0 ? [] : [`${many} × ${what}`];
}

export async function planReleases(dataset: StoredDataset): Promise<RecordsPlan & { bytes: number }> {
  const releases = await releasesOf(dataset);
  const assets = releases.flatMap(([, release]) => release.assets);
  const makes: RecordsPlan['makes'] = [
    [releases.length, 'releases'],
    [assets.length, 'assets'],
  ];
  return {
    makes: makes.filter(([count]) => count > 0),
    creations: releases.length + assets.length,
    bytes: assets.reduce((sum, { size }) => sum + size, 0),
    lost: await lostOfReleases(dataset),
  };
}

export async function planSettings(dataset: StoredDataset): Promise<RecordsPlan> {
  const counts = new Map<string, number>();
  for await (const { type, deleted } of dataset.records())
    if (deleted === undefined && restoredSettings.includes(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  const makes: RecordsPlan['makes'] = [...counts].map(([type, many]) => [many, `settings: ${type}`]);
  const made = ['ruleset', 'webhook', 'autolink', 'variable'].reduce((sum, type) => sum + (counts.get(type) ?? 0), 0);
  return { makes, creations: made, lost: await lostSettings(dataset) };
}
