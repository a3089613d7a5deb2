import { createHash } from 'node:crypto';
import pMap from 'p-map';
import * as v from 'valibot';
import { hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { Source } from '../layout.ts';
import type { SnapshotId } from '../snapshot-id.ts';
import type { Vault } from '../storage/vault.ts';
import { chainFiles, isManifest, isReport } from './chain-files.ts';
import { digestOf } from './digest-list.ts';
import { Origins, reportedItems, type ReportedItems } from './origins.ts';
import { readChain, readsAtOnce, removedBy, type Chain, type ChainProblem } from './read-chain.ts';
import { Strays } from './strays.ts';
import { verifyVerdicts } from './verify-verdicts.ts';
import type { Ways } from './ways.ts';

export interface ChainRequest {
  ways: Ways;
  /** The digest of a report, as it once went out of the vault: it must be there still. */
  root?: string | undefined;
  /**
   * Whether manifests are read that storage has received no later than the list which has their digest. Where storage's
   * times are its own, as in S3, these cannot have changed since.
   */
  readAll: boolean;
  /** When the check began that will leave a record of its own. */
  began?: Date | undefined;
  /** Reports that somebody outside of the vault remembers. */
  known?: readonly KnownReport[] | undefined;
  signal?: AbortSignal | undefined;
}

/** A report as something remembers it that is out of the vault's reach. */
export interface KnownReport {
  key: string;
  sha256: string | undefined;
  /** Who remembers it, for people. */
  from: string;
}

export interface CheckedChain {
  source: Source;
  /** Runs that are links of the chain. */
  links: number;
  /** Reports from before the chain, or of runs that could not extend it. Lists have their digests from then on. */
  unlinked: number;
  /** Snapshots that ought to be there. */
  snapshots: number;
  /** Snapshots that came after the newest list, and will be in the next. */
  unlisted: number;
  /** The newest report, by whose digest all before is known; two where runs met. */
  roots: { key: string; sha256: string }[];
  problems: ChainProblem[];
}

const largestReport = 512 << 20;

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const pointerSchema = v.object({ report: v.string() });

/** What of a report is compared; the rest may come from another version. */
const reportSchema = v.object({
  chain: v.optional(v.object({ list: v.object({ key: v.string(), sha256: digest }) })),
  items: v.array(
    v.object({
      outcome: v.string(),
      item: v.optional(v.object({ path: v.array(v.string()) })),
      prefix: v.optional(v.string()),
      snapshot: v.optional(v.string()),
    }),
  ),
});

/**
 * Compares what is there with the chain: that every manifest, report, inventory, and record of a removal is the one that
 * was listed, that nothing is missing which was not removed on the record, and that nothing has come by another way than
 * by a run.
 */
export async function verifyChain(vault: Vault, source: Source, request: ChainRequest): Promise<CheckedChain> {
  return new Walk(vault, source, request, await readChain(vault, source)).done();
}

class Walk {
  readonly #vault: Vault;
  readonly #source: Source;
  readonly #request: ChainRequest;
  readonly #chain: Chain;
  /** When storage received what is there, by key, in milliseconds. */
  readonly #present = new Map<string, number>();
  /** The digests of the reports that are there. */
  readonly #reports = new Map<string, string>();
  readonly #linked = new Set<string>();
  readonly #reported = new Map<SnapshotId, ReportedItems>();
  readonly #problems: ChainProblem[];

  constructor(vault: Vault, source: Source, request: ChainRequest, chain: Chain) {
    this.#vault = vault;
    this.#source = source;
    this.#request = request;
    this.#chain = chain;
    this.#problems = [...chain.problems];
  }

  async done(): Promise<CheckedChain> {
    const strays = new Strays();
    for await (const { key, modified } of chainFiles(this.#vault, this.#source, (object) => strays.take(object)))
      this.#present.set(key, modified.getTime());
    const unread = new Set([...this.#present.keys()].filter((key) => !this.#chain.files.has(key)));
    const gone = await this.#removedSince(unread);
    await this.#compareListed(gone);
    await pMap([...unread].filter(isReport), (key) => this.#readReport(key, undefined), { concurrency: readsAtOnce });
    await this.#comparePointers();
    const { root } = this.#request;
    if (root !== undefined && ![...this.#reports.values()].includes(root))
      this.#note(
        'rolled-back',
        `runs/${this.#source}/`,
        `no report has the digest ${root}: it is gone, or the vault was put back to before it`,
      );
    this.#compareKnown();
    const origins = new Origins(
      this.#source,
      this.#request.ways,
      this.#chain.lists,
      this.#present.keys(),
      this.#reported,
    );
    this.#problems.push(...origins.strangers(unread));
    this.#problems.push(...(await strays.find(this.#vault, this.#request.ways, this.#chain.lists)));
    this.#problems.push(...(await this.#verdicts()));
    const listed = new Set(this.#chain.lists.flatMap(({ digests }) => [...digests.keys()].filter(isReport)));
    // What is changed now is no root by which a later check could go.
    const wrong = new Set(this.#problems.map(({ key }) => key));
    return {
      source: this.#source,
      links: this.#linked.size,
      unlinked: this.#reports.size - this.#linked.size,
      snapshots: [...this.#chain.files.keys()].filter((key) => isManifest(key) && !gone.has(key)).length,
      unlisted: [...unread].filter((key) => isManifest(key) && !gone.has(key)).length,
      roots: [...this.#linked]
        .filter((key) => !listed.has(key) && !wrong.has(key))
        .map((key) => ({ key, sha256: this.#reports.get(key) ?? '' })),
      problems: this.#problems.sort((a, b) => (a.key < b.key ? -1 : 1)),
    };
  }

  async #verdicts(): Promise<ChainProblem[]> {
    const { readAll, began } = this.#request;
    const isThere = (key: string): boolean => this.#present.has(key);
    const found = await verifyVerdicts(this.#vault, this.#source, { readAll, began, isThere, reports: this.#reports });
    const known = new Set(this.#problems.map(({ key }) => key));
    return found.filter(({ key }) => !known.has(key));
  }

  #note(what: ChainProblem['what'], key: string, why: string): void {
    this.#problems.push({ what, key, why });
  }

  /** The manifests that were removed on a record which no list has yet. */
  async #removedSince(unread: ReadonlySet<string>): Promise<Set<string>> {
    const gone = new Set<string>();
    for (const key of unread)
      if (key.startsWith('removed/'))
        for (const manifest of (await removedBy(this.#vault, key, undefined)) ?? []) gone.add(manifest);
    return gone;
  }

  async #compareListed(gone: ReadonlySet<string>): Promise<void> {
    const ofLists = new Map(this.#chain.lists.map(({ key, sha256 }) => [key, sha256]));
    const done = new Set<string>();
    for (const { key: list, modified, digests } of this.#chain.lists) {
      const due = [...digests].filter(([key, digest]) => this.#chain.files.get(key) === digest && !done.has(key));
      await pMap(
        due,
        async ([key, digest]) => {
          throwIfInterrupted(this.#request.signal);
          done.add(key);
          const received = this.#present.get(key);
          if (received === undefined) {
            if (!gone.has(key)) this.#note('missing', key, missing(key, list));
            return;
          }
          if (isReport(key)) {
            await this.#readReport(key, digest);
            return;
          }
          if (!this.#request.readAll && isManifest(key) && received <= modified.getTime()) return;
          const found = ofLists.get(key) ?? (await this.#digestOf(key));
          if (found === undefined) this.#note('missing', key, missing(key, list));
          else if (found !== digest) this.#note('changed', key, `it is not what ${list} has the digest of`);
        },
        { concurrency: readsAtOnce },
      );
    }
  }

  async #digestOf(key: string): Promise<string | undefined> {
    try {
      return await digestOf(this.#vault, key);
    } catch (error) {
      if (!hasCode(error, 'NotFound')) throw error;
      return undefined;
    }
  }

  /** @param digest that it ought to have; undefined where no list has it yet */
  async #readReport(key: string, digest: string | undefined): Promise<void> {
    try {
      const bytes = await readWhole(this.#vault.read(key), largestReport, key);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      this.#reports.set(key, sha256);
      if (digest !== undefined && sha256 !== digest) {
        this.#note('changed', key, 'it is not the report that the next list has the digest of');
        return;
      }
      const { chain, items } = parseJson(reportSchema, bytes.toString('utf8'), key, 'Damaged');
      if (chain) this.#compareLink(key, chain.list);
      this.#reported.set(runOf(key), reportedItems(this.#source, items));
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      this.#note('changed', key, 'it is not a report that can be read');
    }
  }

  #compareLink(report: string, { key, sha256 }: { key: string; sha256: string }): void {
    this.#linked.add(report);
    const list = this.#chain.lists.find((one) => one.key === key);
    // One that is there and cannot be read is named already.
    if (!list && !this.#present.has(key)) this.#note('missing', key, `${report} names it`);
    else if (list && list.sha256 !== sha256) this.#note('changed', key, `${report} has another digest of it`);
  }

  /** What says that a run has ended, beside its report: that people were told of it, and the pointer to the last run. */
  async #comparePointers(): Promise<void> {
    for await (const { key } of this.#vault.list(`runs/${this.#source}/`)) {
      const report = key.replace(/notified\.json$/, 'report.json');
      if (report !== key) this.#expectReport(report, `${key} says that people were told of it`);
    }
    const pointer = `runs/${this.#source}/latest.json`;
    const report = await this.#pointsAt(pointer);
    if (report !== undefined) this.#expectReport(report, `${pointer} names it`);
  }

  #compareKnown(): void {
    for (const { key, sha256, from } of this.#request.known ?? []) {
      if (this.#problems.some((problem) => problem.key === key && problem.what !== 'missing')) continue;
      const found = this.#reports.get(key);
      if (!this.#present.has(key)) this.#note('rolled-back', key, `${from} stored this report, and it is gone`);
      else if (sha256 !== undefined && found !== undefined && found !== sha256)
        this.#note('changed', key, `${from} stored another report`);
    }
  }

  #expectReport(key: string, why: string): void {
    if (this.#present.has(key) || this.#problems.some((known) => known.key === key)) return;
    this.#note('missing', key, why);
  }

  /** A pointer is replaced by each run, and not needed for anything: one that cannot be read says nothing. */
  async #pointsAt(key: string): Promise<string | undefined> {
    try {
      const text = (await readWhole(this.#vault.read(key), largestReport, key)).toString('utf8');
      const { report } = parseJson(pointerSchema, text, key, 'Damaged');
      return isReport(report) ? report : undefined;
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      return undefined;
    }
  }
}

function missing(key: string, list: string): string {
  return isManifest(key) ? `${list} has its digest, and no removal is on record` : `${list} has its digest`;
}

function runOf(key: string): SnapshotId {
  return key.split('/')[2] ?? '';
}
