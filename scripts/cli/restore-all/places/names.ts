import { faultOfFileName, faultOnWindows } from '#core/runtime/file-name.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Chosen } from '../plan.ts';

/** The names of an item below its scope, as folders have them: the last without `.git`. @throws {HoldfastError} SourceUnsupported */
export function fileNames({ address, below }: Pick<Chosen, 'address' | 'below'>): string[] {
  // A folder has no host: the first name of its path is empty.
  const names = withoutSuffix(below.filter((name) => name !== ''));
  for (const name of names) {
    const fault = faultOfFileName(name) ?? (process.platform === 'win32' ? faultOnWindows(name) : undefined);
    if (fault !== undefined)
      throw new HoldfastError('SourceUnsupported', `${JSON.stringify(name)} in ${address} ${fault}`, {
        advice: `Restore it alone: holdfast restore ${address} --to <a name that can be>`,
      });
  }
  return names;
}

/** What it is called where all repositories stand side by side. */
export function flatName({ below }: Pick<Chosen, 'below'>): string {
  return withoutSuffix(below).at(-1) ?? '';
}

function withoutSuffix(names: readonly string[]): string[] {
  return names.map((name, at) => (at === names.length - 1 ? name.replace(/(.)\.git$/, '$1') : name));
}
