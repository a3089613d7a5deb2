import { readRecords } from '#core/records/read-records.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { KindVerbs } from '../kind.ts';
import { catRecords } from './cat.ts';
import { diffRecords } from './diff.ts';
import { lsRecords } from './ls.ts';
import { showRecords } from './show.ts';

export const recordsVerbs: KindVerbs = {
  show: showRecords,
  ls: lsRecords,
  cat: catRecords,
  diff: diffRecords,
  records: readRecords,
  restore: (_context, _flags, typed) =>
    Promise.reject(
      new HoldfastError('Usage', `${typed} consists of records, which no server takes back as they are`, {
        advice: `holdfast export ${typed} --to <folder> writes them as files.`,
      }),
    ),
};
