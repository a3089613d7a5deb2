import { createHash } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Dataset, RecordSink, SourceFile, SourceRecord } from '#core/sources/records.ts';
import type { RecordsState, RecordTypeState } from '#core/vault/records-state.ts';
import { recordDigest, writeLine } from '../record-line.ts';
import { Sorter } from '../sorter.ts';

/** So many digests of records about the watermark are remembered; where there are more, what comes again is compared. */
const mostRecent = 100;

/**
 * What `since` gives again: GitHub's clocks need not agree with one another, so a walk begins two minutes before the
 * newest time that was seen.
 */
const overlapMs = 120_000;

export interface CollectionOptions {
  /** Where lines are sorted. */
  folder: string;
  before: RecordsState | undefined;
  reconcile: boolean;
  /** Stores a file unless it is stored already. @returns whether the vault has it */
  keep: (file: SourceFile) => Promise<boolean>;
  dataset: Pick<Dataset, 'comparable'>;
}

/** What is said of one type while its records come. */
interface Gathered {
  puts: number;
  /** Digests of what came, by key, of a type that is read whole. */
  digests: Map<string, string>;
  /** The same of what has a time, about the watermark. */
  recent: Map<string, { at: string; digest: string }>;
  /** The latest time that one of them has. */
  newest: string;
  watermark: string | undefined;
  whole: boolean;
  wholeBelow: Set<string>;
  omitted: string | undefined;
  /** Whether the dataset said that it has read all that it wanted of it. */
  read: boolean;
}

/** Takes what a dataset reads, in any order, until it is compared with what is stored. */
export class Collection implements RecordSink {
  readonly reconcile: boolean;
  readonly #options: CollectionOptions;
  readonly #types = new Map<string, Gathered>();
  readonly #notes = new Map<string, string>();
  readonly #puts: Sorter;
  readonly #marks: Sorter;
  #changes = 0;

  constructor(options: CollectionOptions) {
    this.#options = options;
    this.reconcile = options.reconcile;
    this.#puts = new Sorter(options.folder, 'puts');
    this.#marks = new Sorter(options.folder, 'marks');
    for (const [name, value] of Object.entries(options.before?.notes ?? {})) this.#notes.set(name, value);
  }

  /** Records that came so far and were not known to be as they were. */
  get changes(): number {
    return this.#changes;
  }

  known(type: string): RecordTypeState | undefined {
    return this.#options.before?.types[type];
  }

  since(type: string): string | undefined {
    const watermark = this.known(type)?.watermark;
    return watermark === undefined ? undefined : overlapBefore(watermark);
  }

  noted(name: string): string | undefined {
    return this.#options.before?.notes?.[name];
  }

  async put({ type, key, api, record, at }: SourceRecord): Promise<boolean> {
    if (!isKey(key))
      throw new HoldfastError('ProtocolViolation', `the source names a ${type} in a way that cannot be a key`);
    const gathered = this.#of(type);
    gathered.puts++;
    const digest = recordDigest(this.#options.dataset.comparable?.(type, record) ?? record);
    if (at === undefined) gathered.digests.set(key, digest);
    else remember(gathered, key, { at, digest });
    if (at !== undefined && this.known(type)?.recent?.[key] === digest) {
      await this.exists(type, key);
      return false;
    }
    this.#changes++;
    await this.#puts.add(key, writeLine({ key, type, api, record }));
    return true;
  }

  exists(type: string, key: string): Promise<void> {
    return this.#marks.add(key, type);
  }

  whole(type: string, below?: string): void {
    const gathered = this.#of(type);
    if (below === undefined) gathered.whole = true;
    else gathered.wholeBelow.add(below);
  }

  watermark(type: string, time: string): void {
    const gathered = this.#of(type);
    if (gathered.watermark === undefined || time > gathered.watermark) gathered.watermark = time;
  }

  done(type: string): void {
    this.#of(type).read = true;
  }

  omit(type: string, why: string): void {
    this.#of(type).omitted = why;
  }

  note(name: string, value: string): void {
    this.#notes.set(name, value);
  }

  file(file: SourceFile): Promise<boolean> {
    return this.#options.keep(file);
  }

  /** Whether nothing that came can differ from what is stored, so that it need not be looked at. */
  get isSame(): boolean {
    if (this.#options.before === undefined || this.reconcile) return false;
    let whole = 0;
    for (const [type, { whole: isWhole, wholeBelow, puts }] of this.#types) {
      if (wholeBelow.size > 0) return false;
      if (!isWhole) continue;
      if (this.#digestOf(type) !== this.known(type)?.digest) return false;
      whole += puts;
    }
    return this.#changes === whole;
  }

  /** Whether a record that is stored, and did not come, is gone. */
  isGone(type: string, key: string): boolean {
    const gathered = this.#types.get(type);
    if (!gathered || gathered.omitted !== undefined) return false;
    if (gathered.whole) return true;
    if (gathered.wholeBelow.size === 0) return false;
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1))
      if (gathered.wholeBelow.has(key.slice(0, end))) return true;
    return false;
  }

  /** What came, by key. */
  puts(): AsyncGenerator<{ key: string; text: string }> {
    return this.#puts.sorted();
  }

  /** What is there still, by key. */
  marks(): AsyncGenerator<{ key: string; text: string }> {
    return this.#marks.sorted();
  }

  /** Why nothing at all could be read; undefined where something was. */
  get refused(): string | undefined {
    const all = [...this.#types.values()];
    return all.length > 0 && all.every(({ omitted }) => omitted !== undefined) ? all[0]?.omitted : undefined;
  }

  /** What was not read, and why. */
  get omitted(): { what: string; why: string }[] {
    return [...this.#types].flatMap(([what, { omitted }]) => (omitted === undefined ? [] : [{ what, why: omitted }]));
  }

  /**
   * What the snapshot will say.
   * @param counts how many there are of each type; undefined where nothing has changed
   * @param lost types of which records are missing, so that the next run reads them from the beginning
   */
  state(
    counts: ReadonlyMap<string, Counts> | undefined,
    lost: ReadonlySet<string>,
    reconciled: string | undefined,
  ): RecordsState {
    const names = new Set([
      ...Object.keys(this.#options.before?.types ?? {}),
      ...this.#types.keys(),
      ...(counts?.keys() ?? []),
    ]);
    const types = [...names].sort().map((type): [string, RecordTypeState] => {
      const before = this.known(type);
      const gathered = this.#types.get(type);
      const { stored, deleted } = counts ? (counts.get(type) ?? none) : (before ?? none);
      const read = gathered?.read ?? false;
      const complete = read && gathered?.omitted === undefined && !lost.has(type);
      const watermark = lost.has(type) ? undefined : later(before?.watermark, gathered?.watermark);
      const isListed = gathered?.whole === true && gathered.recent.size === 0;
      const digest = !complete ? undefined : isListed ? this.#digestOf(type) : before?.digest;
      const recent = watermark === undefined ? undefined : (recentOf(gathered, watermark) ?? before?.recent);
      return [
        type,
        {
          stored,
          deleted,
          complete,
          ...(watermark === undefined ? {} : { watermark }),
          ...(digest === undefined ? {} : { digest }),
          ...(recent === undefined ? {} : { recent }),
        },
      ];
    });
    return {
      types: Object.fromEntries(types),
      ...(this.#notes.size > 0 ? { notes: Object.fromEntries(this.#notes) } : {}),
      ...(reconciled === undefined ? {} : { reconciled }),
    };
  }

  #digestOf(type: string): string | undefined {
    const digests = this.#types.get(type)?.digests;
    if (!digests) return undefined;
    const lines = [...digests].map(([key, digest]) => `${digest} ${key}\n`).sort();
    return createHash('sha256').update(lines.join('')).digest('hex');
  }

  #of(type: string): Gathered {
    let gathered = this.#types.get(type);
    if (!gathered) {
      gathered = {
        puts: 0,
        digests: new Map(),
        recent: new Map(),
        newest: '',
        watermark: undefined,
        whole: false,
        wholeBelow: new Set(),
        omitted: undefined,
        read: false,
      };
      this.#types.set(type, gathered);
    }
    return gathered;
  }
}

// eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
const unusable = /[\u0000-\u001f]|^\/|\/$|\/\/|^$/;

/** Whether a text can be a key: segments between slashes, none of them empty, and nothing that ends a line. */
function isKey(text: string): boolean {
  return !unusable.test(text);
}

function remember(gathered: Gathered, key: string, state: { at: string; digest: string }): void {
  if (state.at > gathered.newest) gathered.newest = state.at;
  gathered.recent.set(key, state);
  if (gathered.recent.size <= 4 * mostRecent) return;
  const earliest = overlapBefore(gathered.newest);
  for (const [known, { at }] of gathered.recent) if (at < earliest) gathered.recent.delete(known);
}

/** Undefined where the type was not read in this run, or where there are too many. */
function recentOf(gathered: Gathered | undefined, watermark: string): Record<string, string> | undefined {
  if (!gathered || gathered.recent.size === 0) return undefined;
  const found = [...gathered.recent].filter(([, { at }]) => at >= overlapBefore(watermark));
  return found.length > mostRecent ? {} : Object.fromEntries(found.map(([key, { digest }]) => [key, digest]));
}

/** From when on a source is asked for what has changed since a watermark. In the form of GitHub's times. */
function overlapBefore(watermark: string): string {
  return new Date(Date.parse(watermark) - overlapMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

export interface Counts {
  stored: number;
  deleted: number;
}

const none: Counts = { stored: 0, deleted: 0 };

function later(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}
