import type { Row } from '../measure/contender.ts';
import type { CaseName } from '../options.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';

/** What one part of the benchmark found, on one repository or on none in particular. */
export interface CaseResult {
  case: CaseName;
  repository?: BenchRepository;
  /** The first is Holdfast's, to which the others are compared. */
  rows: Row[];
  /** What a reader must know to understand the figures. */
  notes: string[];
}

/** The names of the contenders, by which the targets find them. */
export const contender = {
  folder: 'holdfast → folder',
  s3: 'holdfast → S3',
  slowS3: 'holdfast → slow S3',
  folderReplayed: 'holdfast → folder, replayed',
  cloneTar: 'git clone --mirror + tar czf',
  isomorphic: 'isomorphic-git + tar czf',
  raw: 'raw answer → file',
  rawReplayed: 'raw answer → file, replayed',
  incremental: 'holdfast, increment',
  unchanged: 'holdfast, unchanged',
  updateTar: 'git remote update + tar czf',
  restore: 'holdfast restore → server',
  untarPush: 'tar x + git push --mirror',
  bundlePush: 'git clone bundle + push --mirror',
  account: 'holdfast, 4 at a time',
  accountLoop: 'git clone --mirror + tar czf, each in turn',
  help: 'holdfast --help',
  node: 'node -e 0',
} as const;
