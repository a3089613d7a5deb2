import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { filesOf } from '#core/records/read-records.ts';
import type { RecordLine } from '#core/records/record-line.ts';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { addressOfItem } from '#core/vault/layout.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import { lookInto } from '../../look-into.ts';
import type { ExportFlags } from './options.ts';
import type { ExportEvent } from './events.ts';
import { fileName } from './file-name.ts';
import { JsonLayout, type Page } from './json-layout.ts';
import { markdownPage } from './markdown-layout.ts';
import { threadsOf } from './threads.ts';

/** Writes the records of a snapshot as files, and the files that belong to them. Nothing that is there is touched. */
export async function exportRecords(context: Context, flags: ExportFlags, typed: string): Promise<number> {
  const { vault, output, signal } = context;
  const { verbs, shown } = await lookInto(context, 'export', typed, flags.snapshot, flags.at);
  const { manifest, content } = shown.snapshot;
  const { item, snapshot } = manifest;
  const records = verbs.records?.(vault, content);
  if (!records)
    throw new HoldfastError('Usage', `${typed} does not consist of records`, {
      advice: `holdfast restore ${typed} --to <folder> brings it back.`,
    });
  const folder = path.resolve(flags.to);
  await requireEmpty(folder);
  const total = { records: 0, files: 0, bytes: 0 };
  const write = async ({ path: segments, content: text }: Page): Promise<void> => {
    const file = await placed(folder, segments);
    await writeFile(file, text, { flag: 'wx' });
    total.files++;
    total.bytes += Buffer.byteLength(text);
  };
  const chosen = async function* (): AsyncGenerator<RecordLine> {
    for await (const line of records) {
      throwIfInterrupted(signal);
      if (line.deleted !== undefined && !flags.deleted) continue;
      total.records++;
      yield line;
    }
  };
  const layout = new JsonLayout();
  for await (const thread of threadsOf(chosen())) {
    const page = flags.format === 'markdown' ? markdownPage(thread) : layout.page(thread);
    if (page) await write(page);
  }
  for (const page of layout.rest()) await write(page);
  for (const file of filesOf(content)) {
    throwIfInterrupted(signal);
    const target = await placed(folder, ['files', ...file.id.split('/').map(fileName), fileName(file.name)]);
    await pipeline(Readable.from(readProven(vault, file)), createWriteStream(target, { flags: 'wx' }));
    total.files++;
    total.bytes += file.bytes;
  }
  output.event<ExportEvent>({ event: 'total', address: addressOfItem(item), snapshot, to: folder, ...total });
  output.line(
    `${count(total.records, 'record')} in ${count(total.files, 'file')}, ${formatBytes(total.bytes)}, written to ${folder}`,
  );
  return exitCode.well;
}

async function placed(folder: string, segments: readonly string[]): Promise<string> {
  const file = path.join(folder, ...segments);
  await mkdir(path.dirname(file), { recursive: true });
  return file;
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    if (systemCode(error) === 'ENOTDIR') return ['.'];
    throw error;
  });
  if (names.length > 0)
    throw new HoldfastError('TargetNotEmpty', `${folder} is not an empty folder`, {
      advice: 'Name a folder that is empty or not there yet: nothing is ever overwritten.',
    });
}
