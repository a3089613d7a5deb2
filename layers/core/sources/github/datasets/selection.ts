import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { datasets } from './table.ts';

/** The datasets that were asked for by name; undefined: all that the credential allows. */
export type DatasetNames = ReadonlySet<string> | undefined;

/**
 * Reads a list of datasets: `code,wiki`; `all`, which is what counts where nothing is said; `!lfs` for all but one.
 * @param words each of which may hold several, separated by commas or spaces
 * @param setting where they stand, for the message: `--datasets`
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseDatasets(words: readonly string[], setting: string): DatasetNames {
  const names = words.flatMap((word) => word.toLowerCase().split(/[\s,]+/)).filter((name) => name !== '');
  const wanted = names.filter((name) => !name.startsWith('!'));
  const unwanted = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  for (const name of [...wanted.filter((one) => one !== 'all'), ...unwanted]) refuseUnknown(name, setting);
  if (unwanted.length === 0 && (wanted.length === 0 || wanted.includes('all'))) return undefined;
  const base = wanted.length === 0 || wanted.includes('all') ? datasets.map(({ name }) => name) : wanted;
  const chosen = new Set(base.filter((name) => !unwanted.includes(name)));
  if (chosen.size > 0) return chosen;
  throw new HoldfastError('ConfigurationInvalid', `${setting} leaves nothing to back up`);
}

function refuseUnknown(name: string, setting: string): void {
  const known = datasets.map((dataset) => dataset.name);
  if (known.includes(name)) return;
  throw new HoldfastError(
    'ConfigurationInvalid',
    withSuggestion(`${setting}: ${JSON.stringify(name)} is not a dataset`, name, known),
    {
      advice: `The datasets are ${known.join(', ')}; all takes every one, and !${known.at(-1) ?? ''} all but that one.`,
    },
  );
}
