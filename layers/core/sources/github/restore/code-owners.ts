import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';

/** https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** Whether a pull request, unless it is a draft, would ask the owners of code for a review, and so notify them. */
export async function hasCodeOwners(target: RestoreTarget): Promise<boolean> {
  for (const place of places)
    try {
      await target.writer.read(`${pathOf(target)}/contents/${place}`, `${place} of ${nameOf(target)}`, v.unknown());
      return true;
    } catch (error) {
      if (!hasCode(error, 'SourceMissing')) throw error;
    }
  return false;
}
