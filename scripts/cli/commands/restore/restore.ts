import { HoldfastError } from '#core/runtime/errors.ts';
import { kindAt, kindOf } from '#core/run/kinds/table.ts';
import type { KindName } from '#core/sources/source.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { doesNotApply, refuseInapplicable, requireTogether } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { kindsOnCommandLine } from '../../kinds/table.ts';
import { gitHubTarget, noTarget } from '../../restore-all/places/open-places.ts';
import type { RestoreFlags } from './options.ts';
import { restoreScope } from './scope.ts';

export async function restore(context: Context, asked: RestoreFlags, typed?: string): Promise<number> {
  const { given } = context;
  const flags = { ...asked, dryRun: asked.dryRun || asked.plan };
  requireTogether(given, 'yes', 'delete', 'answers the question that --delete asks');
  requireTogether(given, 'as', 'ref', 'names what --ref restores');
  for (const option of ['checkout', 'refs', 'overwrite', 'create'])
    for (const part of ['path', 'ref'])
      if (given.has(option) && given.has(part))
        throw doesNotApply(
          given.get(option) ?? option,
          `a restore with --${part}`,
          'is for restores of a whole repository',
        );
  if (flags.dryRun && given.has('verify'))
    throw doesNotApply('--verify', 'a dry run', 'compares restored files, and a dry run restores none');
  if (flags.at !== undefined && flags.snapshot !== undefined)
    throw doesNotApply('--snapshot', 'a restore with --at', 'names one snapshot, and --at a moment');
  const atGitHub = flags.to === undefined ? undefined : gitHubTarget(flags.to);
  if (atGitHub && !flags.all && typed === undefined) throw noItem();
  if (atGitHub && typed !== undefined && !flags.all) {
    const { askedRecords, restoreRecords } = await import('../../restore-all/github/restore-records.ts');
    const asked = askedRecords(typed, flags);
    if (asked) return restoreRecords(context, { ...flags, to: flags.to ?? '' }, asked, atGitHub);
  }
  if (flags.all || atGitHub) {
    if (isEfs(typed))
      throw doesNotApply(
        '--all',
        'a file system',
        'is for what is in a vault; a snapshot of a file system is restored whole',
      );
    if (flags.to === undefined) throw noTarget();
    return (await import('../../restore-all/restore-all.ts')).restoreAll(context, { ...flags, to: flags.to }, typed);
  }
  if (typed === undefined) throw noItem();
  if (isEfs(typed)) {
    refuseInapplicable(restoreScope, given, 'efs');
    return (await import('../../efs/restore.ts')).restoreEfs(context, flags, typed);
  }
  const { to } = flags;
  if (to === undefined) throw noTarget();
  const verbs = await kindsOnCommandLine[kindAt(typed) ?? (await kindOfStored(context, flags, typed))].load();
  return verbs.restore(context, { ...flags, to }, typed);
}

function noItem(): HoldfastError {
  return new HoldfastError('Usage', 'a restore needs an item', {
    advice: 'Name one, as holdfast list prints it; or give --all for the whole vault.',
  });
}

/** Of an item that is named by the end of its address, or by a URL. */
async function kindOfStored({ vault }: Context, flags: RestoreFlags, typed: string): Promise<KindName> {
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const { item, snapshot } = findSnapshot(await findItem(catalogue, typed), flags.snapshot, flags.at);
  return kindOf((await catalogue.manifest(item, snapshot)).manifest.item);
}
