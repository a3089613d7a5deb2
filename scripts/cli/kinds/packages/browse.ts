import { refChanges } from '#core/repositories/browse/ref-changes.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { CatFlags } from '../../commands/cat/options.ts';
import type { DiffFlags } from '../../commands/diff/options.ts';
import type { DiffEvent } from '../../commands/diff/events.ts';
import type { LsFlags } from '../../commands/ls/options.ts';
import type { LsEvent } from '../../commands/ls/events.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import { printFile } from '../../print-file.ts';
import { changeSigns } from '../change-signs.ts';
import type { Shown } from '../kind.ts';
import { assetsOf } from './assets.ts';

export function lsPackage({ output }: Context, _flags: LsFlags, shown: Shown, path: string): Promise<number> {
  const { snapshot } = shown.snapshot.manifest;
  for (const { name, bytes, sha256 } of assetsOf(shown.snapshot).filter(({ name }) => path === '' || name === path)) {
    output.event<LsEvent>({ event: 'asset', snapshot, name, bytes, sha256 });
    output.result(`${formatBytes(bytes).padStart(9)}  ${name}`);
  }
  return Promise.resolve(exitCode.well);
}

export async function catPackage(
  { vault, output }: Context,
  _flags: CatFlags,
  { snapshot: found, typed }: Shown,
  path: string,
): Promise<number> {
  const { snapshot } = found.manifest;
  const asset = assetsOf(found).find(({ name }) => name === path);
  if (!asset) throw new HoldfastError('NotFound', `${typed} has no asset ${JSON.stringify(path)} in ${snapshot}`);
  await printFile(output, { snapshot, path }, readProven(vault, asset));
  return exitCode.well;
}

export function diffPackage({ output }: Context, _flags: DiffFlags, earlier: Shown, later: Shown): Promise<number> {
  const [before, after] = [earlier, later].map(
    ({ snapshot }) => new Map(assetsOf(snapshot).map(({ name, sha256 }) => [name, sha256])),
  );
  const changes = refChanges(before ?? new Map(), after ?? new Map());
  for (const { ref: name, from: was, to: is } of changes) {
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    output.event<DiffEvent>({ event: 'asset', change, name });
    output.result(`${changeSigns[change]}  ${name}`);
  }
  const { snapshot: from } = earlier.snapshot.manifest;
  const { snapshot: to } = later.snapshot.manifest;
  output.event<DiffEvent>({ event: 'total', from, to, assets: changes.length });
  output.line(`${count(changes.length, 'asset')} changed`);
  return Promise.resolve(exitCode.well);
}
