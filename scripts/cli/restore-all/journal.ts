import { createHash } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { sync } from '#core/runtime/sync-tree.ts';
import { isSnapshotId, snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';

const beginSchema = v.object({
  step: v.literal('begin'),
  format: v.literal(1),
  /** No later snapshot is restored, whatever has been stored since. */
  until: v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id')),
});

const lineSchema = v.variant('step', [
  beginSchema,
  /** Its place is about to be made, and is ours from then on. */
  v.object({ step: v.literal('making'), address: v.string() }),
  v.object({ step: v.literal('done'), address: v.string() }),
  /** A record was made, under this number or id. */
  v.object({ step: v.literal('made'), of: v.string(), number: v.number() }),
]);

type JournalLine = v.InferOutput<typeof lineSchema>;

/** What a restore is of: the same of all three goes on with the same journal. */
export interface RestoreNamed {
  vault: string;
  scope: string;
  to: string;
  /** As it was typed. */
  at: string | undefined;
}

/**
 * Remembers, on this machine, what a restore of many items has begun, one line a step, each on disk before what it
 * announces. It says which moment is restored, and which places were made by us; that something is restored is told by
 * the target itself.
 */
export class RestoreJournal {
  readonly file: string;
  readonly #making = new Set<string>();
  readonly #done = new Set<string>();
  readonly #made = new Map<string, number>();
  #until: SnapshotId | undefined;

  private constructor(file: string, lines: readonly JournalLine[]) {
    this.file = file;
    for (const line of lines) this.#note(line);
  }

  /**
   * @param folder where journals are kept
   * @throws {HoldfastError} Damaged for a file that is not a journal
   */
  static async open(folder: string, named: RestoreNamed): Promise<RestoreJournal> {
    const { vault, scope, to, at = '' } = named;
    const digest = createHash('sha256')
      .update(JSON.stringify([vault, scope, to, at]))
      .digest('hex')
      .slice(0, 12);
    const file = path.join(folder, `holdfast-restore-${digest}.ndjson`);
    return new RestoreJournal(file, await linesOf(file));
  }

  /** The moment that an earlier, interrupted restore restores; undefined where this one is the first. */
  get until(): SnapshotId | undefined {
    return this.#until;
  }

  /** @param newest the newest snapshot that was chosen: a later one does not join when the restore goes on */
  async begin(newest: SnapshotId): Promise<void> {
    if (this.#until !== undefined) return;
    const now = snapshotIdOf(new Date());
    try {
      await mkdir(path.dirname(this.file), { recursive: true });
      await this.add({ step: 'begin', format: 1, until: newest > now ? newest : now });
      await sync(path.dirname(this.file));
    } catch (error) {
      throw new HoldfastError('StorageFailed', `the journal of this restore cannot be written: ${messageOf(error)}`, {
        cause: error,
        advice: 'It is kept in the current folder: run the command in one that you can write to.',
      });
    }
  }

  /** Whether an earlier attempt was about to make its place. */
  hasBegun(address: string): boolean {
    return this.#making.has(address);
  }

  /** The records that earlier attempts made, by what they were; the target may not list the newest yet. */
  get made(): ReadonlyMap<string, number> {
    return this.#made;
  }

  isDone(address: string): boolean {
    return this.#done.has(address);
  }

  async add(line: JournalLine): Promise<void> {
    await appendFile(this.file, `${JSON.stringify(line)}\n`, { flush: true });
    this.#note(line);
  }

  /** All came back: the same command would begin again. */
  async end(): Promise<void> {
    await rm(this.file, { force: true });
  }

  #note(line: JournalLine): void {
    if (line.step === 'making') this.#making.add(line.address);
    else if (line.step === 'done') this.#done.add(line.address);
    else if (line.step === 'made') this.#made.set(line.of, line.number);
    else this.#until = line.until;
  }
}

/** The lines that are whole: a crash can have cut off the last. That one is ended, so that the next stands alone. */
async function linesOf(file: string): Promise<JournalLine[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) {
    const handle = await open(file, 'r+');
    await handle.truncate(Buffer.byteLength(whole)).finally(() => handle.close());
  }
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), lineSchema), line);
      if (parsed.success) return parsed.output;
      throw new HoldfastError('Damaged', `${file} is not the journal of a restore`, {
        advice: 'Move it away: what is restored already is found at the target, and the rest follows.',
      });
    });
}
