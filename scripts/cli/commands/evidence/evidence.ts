import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { evidenceFiles } from '#core/run/evidence/evidence-files.ts';
import { gatherEvidence, type Period, type SourceEvidence } from '#core/run/evidence/gather.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { parseVaultLocation } from '#core/vault/storage/open-vault.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { parseDay } from '../../day.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import type { EvidenceFlags } from './options.ts';
import type { EvidenceEvent } from './events.ts';

const dayMs = 86_400_000;

/** Writes what the vault can show of a period. Exceptions are no failure of this: they are what is shown. */
export async function evidence(
  { vault, output }: Context,
  flags: EvidenceFlags,
  typed: string | undefined,
): Promise<number> {
  const gathered = new Date();
  const period = periodOf(flags, gathered);
  const asked = typed === undefined ? sources : [parseSource(typed)];
  await requireVault(vault, sources);
  const folder = flags.folder ?? `evidence-${isoDay(period.from)}-${isoDay(period.to)}`;
  await requireEmpty(folder);
  const found: SourceEvidence[] = [];
  for (const source of asked) {
    const one = await gatherEvidence(vault, source, period);
    if (one.items.length > 0 || one.runs.length > 0 || one.drills.length > 0) found.push(one);
  }
  const place = parseVaultLocation(vault.location);
  const protection =
    'folder' in place
      ? undefined
      : await (await import('#core/vault/storage/s3/bucket-protection.ts')).bucketProtection(place.bucket);
  const files = evidenceFiles({ vault: vault.location, period, gathered, protection, sources: found });
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of files) await writeFile(path.join(folder, name), text, { flag: 'wx' });
  } catch (error) {
    throw new HoldfastError('StorageFailed', `${folder} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  const total = (of: (one: SourceEvidence) => number): number => found.reduce((sum, one) => sum + of(one), 0);
  const totals = {
    runs: total(({ runs }) => runs.length),
    drills: total(({ drills }) => drills.length),
    exceptions: total(({ exceptions }) => exceptions.length),
  };
  output.event<EvidenceEvent>({
    event: 'evidence',
    folder,
    files: [...files.keys()],
    sources: found.map(({ source }) => source),
    ...totals,
  });
  output.line(
    `${folder}: ${count(totals.runs, 'run')}, ${count(totals.drills, 'drill')} and ${count(totals.exceptions, 'exception')} of ${count(found.length, 'source')}`,
  );
  return exitCode.well;
}

function periodOf(flags: EvidenceFlags, now: Date): Period {
  const lastDay = flags.to === undefined ? new Date(isoDay(now)) : parseDay(flags.to, '--to');
  const to = new Date(lastDay.getTime() + dayMs - 1);
  const from = flags.from === undefined ? new Date(lastDay.getTime() - 365 * dayMs) : parseDay(flags.from, '--from');
  if (from > to)
    throw new HoldfastError('Usage', '--from is later than --to', { advice: 'Give the earlier day by --from.' });
  return { from, to };
}

async function requireEmpty(folder: string): Promise<void> {
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0)
    throw new HoldfastError('Usage', `${folder} is not empty`, {
      advice: 'Give a new folder by --folder: evidence that was written is never replaced.',
    });
}

function isoDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}
