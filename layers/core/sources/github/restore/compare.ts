import { isSameLabel, labelKey, type PresentLabel } from './labels.ts';
import type { PresentMilestone } from './milestones.ts';
import { textDigest, type PresentIssue, type PresentThreads } from './present.ts';
import type { StoredLabel, StoredMilestone } from './stored.ts';
import { pullLabel, type WantedThread } from './wanted.ts';

/** A record that is not there as it was stored. */
export interface Difference {
  /** `issues/17`. */
  key: string;
  /** `missing`, or the names of what differs. */
  what: string;
}

export function compareLists(
  { labels, milestones }: { labels: readonly StoredLabel[]; milestones: readonly StoredMilestone[] },
  presentLabels: ReadonlyMap<string, PresentLabel>,
  presentMilestones: ReadonlyMap<number, PresentMilestone>,
): Difference[] {
  const different: Difference[] = [];
  for (const label of labels) {
    const there = presentLabels.get(labelKey(label.name));
    if (!there) different.push({ key: `labels/${label.name}`, what: 'missing' });
    else if (!isSameLabel(there, label)) different.push({ key: `labels/${label.name}`, what: 'colour or description' });
  }
  for (const one of milestones) {
    const there = presentMilestones.get(one.number);
    const what = there
      ? differing({
          title: there.title === one.title,
          state: there.state === one.state,
          description: (there.description ?? '') === (one.description ?? ''),
          // GitHub keeps the day alone.
          'due date': (there.due_on ?? '').slice(0, 10) === (one.due_on ?? '').slice(0, 10),
        })
      : 'missing';
    if (what !== undefined) different.push({ key: `milestones/${one.number}`, what });
  }
  return different;
}

export function compareThread(wanted: WantedThread, { issues, posts }: PresentThreads): Difference[] {
  const key = `issues/${wanted.number}`;
  const there = issues.get(wanted.number);
  if (there?.marker?.of !== wanted.body.of || there.marker.sort === 'placeholder') return [{ key, what: 'missing' }];
  const different: Difference[] = [];
  const labels = isIssueInstead(wanted, there) ? [...wanted.labels, pullLabel] : wanted.labels;
  const what = differing({
    title: there.title === wanted.title,
    text: there.bodyDigest === textDigest(wanted.body.body),
    state: there.state === wanted.state,
    'reason of closing': wanted.stateReason === undefined || there.isPull || there.stateReason === wanted.stateReason,
    lock: there.locked === wanted.locked,
    labels: sorted(there.labels.map(labelKey)) === sorted(labels.map(labelKey)),
    milestone: there.milestone?.title === wanted.milestone?.title,
    assignees: wanted.assignees.every((login) => there.assignees.includes(login)),
    'being a pull request': there.isPull === (wanted.pull !== undefined) || isIssueInstead(wanted, there),
  });
  if (what !== undefined) different.push({ key, what });
  for (const { of, body } of wanted.posts) {
    const digest = posts.get(of);
    const own = of.split('/').slice(2).join('/');
    if (digest === undefined) different.push({ key: own, what: 'missing' });
    else if (digest !== textDigest(body)) different.push({ key: own, what: 'text' });
  }
  return different;
}

/** Whether GitHub refused the pull request, and it is an issue now, marked as such. */
export function isIssueInstead({ pull }: WantedThread, { isPull, labels }: PresentIssue): boolean {
  return pull !== undefined && !isPull && labels.includes(pullLabel);
}

function differing(equal: Readonly<Record<string, boolean>>): string | undefined {
  const names = Object.keys(equal).filter((name) => equal[name] === false);
  return names.length === 0 ? undefined : names.join(', ');
}

function sorted(names: readonly string[]): string {
  return [...new Set(names)].sort().join('\n');
}
