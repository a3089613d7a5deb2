import type { RecordLine } from '#core/records/record-line.ts';
import { viewOf } from '#core/records/browse/view.ts';
import { fileName } from './file-name.ts';
import type { Thread } from './threads.ts';

/** A file to be written: its path below the folder, and what belongs into it. */
export interface Page {
  path: string[];
  content: string;
}

/** Types of which all records go into one file, as python-github-backup has it, and the name of their folder. */
const together: Readonly<Record<string, string>> = {
  label: 'labels',
  webhook: 'hooks',
  'commit-comment': 'commit-comments',
};

/**
 * Lays records out as python-github-backup does: `issues/17.json` with its comments in `comment_data`, `pulls/18.json` with
 * `comment_regular_data`, `comment_data` and `review_data`, `labels/labels.json`, `milestones/1.json`, `releases/v1.json`,
 * `hooks/hooks.json`. What that tool does not keep stands beside it in the same way.
 * https://github.com/josegonzalez/python-github-backup
 */
export class JsonLayout {
  readonly #lists = new Map<string, unknown[]>();

  page({ key, lines }: Thread): Page | undefined {
    const [own] = lines;
    if (!own) return undefined;
    const list = together[own.type];
    if (list !== undefined) {
      this.#lists.set(list, [...(this.#lists.get(list) ?? []), own.record]);
      return undefined;
    }
    return { path: placeOf(key, lines), content: json(contentOf(key, lines)) };
  }

  /** The files that hold several records, once all have come. */
  rest(): Page[] {
    return [...this.#lists].map(([list, records]) => ({ path: [list, `${list}.json`], content: json(records) }));
  }
}

function placeOf(key: string, lines: readonly RecordLine[]): string[] {
  const [folder = '', id] = key.split('/');
  const [own] = lines;
  if (id === undefined) return [`${fileName(folder)}.json`];
  const name = own?.type === 'release' ? (viewOf(own).tag ?? id) : decodeURIComponent(id);
  return [isPull(lines) ? 'pulls' : pluralOf(folder), `${fileName(name)}.json`];
}

function pluralOf(folder: string): string {
  if (folder.endsWith('y')) return `${folder.slice(0, -1)}ies`;
  return folder.endsWith('s') ? folder : `${folder}s`;
}

function isPull(lines: readonly RecordLine[]): boolean {
  return lines.some(({ type }) => type === 'pull-request');
}

function contentOf(key: string, lines: readonly RecordLine[]): object {
  const of = (...types: string[]): unknown[] =>
    lines.filter(({ type }) => types.includes(type)).map(({ record }) => record);
  const own: object = Object(lines.find((line) => line.key === key)?.record ?? {}) as object;
  if (isPull(lines))
    return {
      ...own,
      ...(Object(of('pull-request')[0]) as object),
      comment_regular_data: of('issue-comment'),
      comment_data: of('review-comment'),
      review_data: of('review'),
      thread_data: of('review-thread'),
      event_data: of('pull-request-timeline'),
      ...besides(lines),
    };
  if (lines[0]?.type === 'issue')
    return { ...own, comment_data: of('issue-comment'), event_data: of('issue-timeline'), ...besides(lines) };
  if (lines[0]?.type === 'discussion')
    return { ...own, comment_data: of('discussion-comment', 'discussion-reply'), ...besides(lines) };
  const below = [...new Set(lines.slice(1).map(({ type }) => type))];
  return { ...own, ...Object.fromEntries(below.map((type) => [`${type.replaceAll('-', '_')}_data`, of(type)])) };
}

/** What that tool does not keep of a thread, where there is any: who reacted to what of it, and what blocks what. */
function besides(lines: readonly RecordLine[]): object {
  const found = [
    ['blocked_by_data', lines.filter(({ type }) => type === 'blocked-by').map(({ record }) => record)],
    ['blocking_data', lines.filter(({ type }) => type === 'blocking').map(({ record }) => record)],
    [
      'reaction_data',
      lines
        .filter(({ type }) => type.endsWith('-reactions'))
        .map(({ key, record }) => ({ to: key.replace(/\/reactions$/, ''), ...(Object(record) as object) })),
    ],
  ] as const;
  return Object.fromEntries(found.filter(([, list]) => list.length > 0));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
