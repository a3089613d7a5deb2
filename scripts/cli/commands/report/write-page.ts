import { writeFile } from 'node:fs/promises';
import { overviewOf, type SourceOverview } from '#core/run/html/overview.ts';
import { reportPage } from '#core/run/html/page.ts';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { parseDay } from '../../day.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import type { ReportFlags } from './options.ts';
import type { ReportEvent } from './events.ts';

const yearMs = 365 * 86_400_000;

/** Writes a page about the vault, of one source or all. A file of that name is replaced. */
export async function writePage(
  { vault, output }: Context,
  file: string,
  flags: ReportFlags,
  typed: string | undefined,
): Promise<number> {
  if (flags.run !== undefined)
    throw new HoldfastError('Usage', '--run does not apply together with --html', {
      advice: '--run chooses the run that is printed; --since the first of those on the page.',
    });
  const now = new Date();
  const since = sinceOf(flags.since, now);
  await requireVault(vault, sources);
  const found: SourceOverview[] = [];
  for (const source of typed === undefined ? sources : [parseSource(typed)]) {
    const one = await overviewOf(vault, source, since);
    if (one.items.length > 0 || one.last) found.push(one);
  }
  try {
    await writeFile(file, reportPage(vault.location, found, now));
  } catch (error) {
    throw new HoldfastError('StorageFailed', `${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
      advice: 'Name a file in a folder that you can write to.',
    });
  }
  const items = found.reduce((sum, one) => sum + one.items.length, 0);
  output.event<ReportEvent>({ event: 'page', file, sources: found.map(({ source }) => source), items });
  output.line(`${file}: ${count(items, 'item')} of ${count(found.length, 'source')}`);
  return exitCode.well;
}

function sinceOf(text: string | undefined, now: Date): Date {
  return text === undefined ? new Date(now.getTime() - yearMs) : parseDay(text, '--since');
}
