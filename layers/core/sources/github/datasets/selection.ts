import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import type { AnyDataset } from './dataset.ts';
import { datasets } from './table.ts';

/** The datasets that were chosen; undefined: all that the credential allows. */
export type DatasetNames = ReadonlySet<string> | undefined;

/** All that the credential allows but some: those that it holds were not asked for by name. */
class AllBut extends Set<string> {}

/** Whether a dataset is wanted. One that is taken only by name is not among all. */
export function isWanted(dataset: AnyDataset, chosen: DatasetNames): boolean {
  return chosen?.has(dataset.name) ?? !isOnlyByName(dataset);
}

/** Whether a dataset was asked for by its name: then it is tried whatever the credential is known to lack. */
export function isNamed({ name }: Pick<AnyDataset, 'name'>, chosen: DatasetNames): boolean {
  return chosen !== undefined && !(chosen instanceof AllBut) && chosen.has(name);
}

/**
 * Reads a list of datasets: `code,wiki`; `all`, which is what counts where nothing is said; `!lfs` for all but one.
 * @param words each of which may hold several, separated by commas or spaces
 * @param setting where they stand, for the message: `--datasets`
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseDatasets(words: readonly string[], setting: string): DatasetNames {
  const names = words.flatMap((word) => word.toLowerCase().split(/[\s,]+/)).filter((name) => name !== '');
  const wanted = names.filter((name) => !name.startsWith('!') && name !== 'all');
  const unwanted = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  for (const name of [...wanted, ...unwanted]) refuseUnknown(name, setting);
  const isAll = wanted.length === 0 || names.includes('all');
  const added = datasets.filter((one) => isOnlyByName(one) && wanted.includes(one.name)).map(({ name }) => name);
  if (isAll && unwanted.length === 0 && added.length === 0) return undefined;
  const base = isAll ? [...datasets.filter((one) => !isOnlyByName(one)).map(({ name }) => name), ...added] : wanted;
  const left = base.filter((name) => !unwanted.includes(name));
  if (left.length > 0) return isAll ? new AllBut(left) : new Set(left);
  throw new HoldfastError('ConfigurationInvalid', `${setting} leaves nothing to back up`);
}

function isOnlyByName(dataset: AnyDataset): boolean {
  return dataset.of === 'account' && dataset.onlyByName === true;
}

function refuseUnknown(name: string, setting: string): void {
  const known = datasets.map((dataset) => dataset.name);
  if (known.includes(name)) return;
  throw new HoldfastError(
    'ConfigurationInvalid',
    withSuggestion(`${setting}: ${JSON.stringify(name)} is not a dataset`, name, known),
    {
      advice: `The datasets are ${known.join(', ')}; all takes what is taken by default, and !lfs all of it but that one.`,
    },
  );
}
