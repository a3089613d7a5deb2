import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { planServerRestore, type ServerRestorePlan } from '#core/repositories/restore/plan-server-restore.ts';
import { bundleTarget } from '#core/repositories/restore/restore-bundle.ts';
import { freeTarget } from '#core/repositories/restore/restore-folder.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { doesNotApply } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { openTarget } from '../../open-target.ts';
import type { Output } from '../../output.ts';
import type { RestoreFlags } from '../../commands/restore/options.ts';
import type { RestoreRepositoryEvent } from '../../commands/restore/events.ts';
import type { RepositoryTarget } from '../../commands/restore/restore-target.ts';
import { restoreScope } from '../../commands/restore/scope.ts';

/** What is restored, as it is called and as it is. */
export interface Restored {
  address: string;
  snapshot: SnapshotId;
  content: RepositoryContent;
}

/** More refs than these are only counted. */
const refsShown = 20;

/** What `--dry-run` says: what a restore would do. Nothing is made and nothing is sent. */
export async function planRestore(
  context: Context,
  flags: RestoreFlags & { to: string },
  sort: RepositoryTarget,
  { address, snapshot, content }: Restored,
): Promise<number> {
  const { output } = context;
  const { to } = flags;
  const refs = content.refs.size;
  switch (sort) {
    case 'folder':
    case 'bundle': {
      const target = sort === 'folder' ? await freeTarget(to) : (await bundleTarget(content, to)).target;
      output.event<RestoreRepositoryEvent>({
        event: 'would-restore',
        address,
        snapshot,
        to: target,
        created: [...content.refs.keys()],
      });
      output.result(`would restore ${count(refs, 'ref')} to ${target}; nothing was made`);
      return exitCode.well;
    }
    default:
      return planForServer(context, flags, { address, snapshot, content });
  }
}

async function planForServer(
  context: Context,
  flags: RestoreFlags & { to: string },
  { address, snapshot, content }: Restored,
): Promise<number> {
  const { vault, output, signal } = context;
  const { transport, close, hidden, atGitHub } = await openTarget(context, flags.to, flags);
  try {
    refuseSecretElsewhere(context, flags, atGitHub);
    const { overwrite, create } = flags;
    const plan = await planServerRestore(vault, content, { target: transport, overwrite, hidden, signal }).catch(
      (error: unknown) => {
        if (!create || !hasCode(error, 'SourceMissing')) throw error;
        return undefined;
      },
    );
    if (create && plan)
      throw new HoldfastError('AlreadyExists', `${transport.address} already exists, so --create would be refused`, {
        advice: 'Restore without --create, or to another name.',
      });
    const whole = plan ?? ofNewRepository(content);
    output.event<RestoreRepositoryEvent>({
      event: 'would-restore',
      address,
      snapshot,
      to: transport.address,
      create,
      ...whole,
    });
    if (create) output.result(`would make ${transport.address}`);
    tellPlan(output, transport.address, whole);
    return whole.inTheWay.length > 0 ? exitCode.failed : exitCode.well;
  } finally {
    close();
  }
}

function ofNewRepository({ refs }: RepositoryContent): ServerRestorePlan {
  return { created: [...refs.keys()], moved: [], unchanged: [], leftOut: [], inTheWay: [], kept: [] };
}

function tellPlan(output: Output, address: string, plan: ServerRestorePlan): void {
  const { created, moved, unchanged, leftOut, inTheWay, kept } = plan;
  for (const name of created.slice(0, refsShown)) output.result(`would make   ${name}`);
  if (created.length > refsShown) output.result(`would make   ${created.length - refsShown} more refs`);
  for (const { name, from, to } of moved.filter((ref) => !inTheWay.includes(ref.name)))
    output.result(
      `${output.paint('yellow', 'would replace')} ${name}: ${from.slice(0, 12)} there, ${to.slice(0, 12)} in the snapshot`,
    );
  for (const name of inTheWay)
    output.result(`${output.paint('red', 'in the way')}   ${name}: --overwrite '${name}' would allow its replacement`);
  const counts = [
    `${count(created.length, 'ref')} to make`,
    `${moved.length} to replace`,
    `${unchanged.length} as they are`,
    `${leftOut.length} that are read-only on the server`,
    `${kept.length} of the target's own that stay`,
  ];
  output.line(`${address}: ${counts.join(', ')}`);
  output.line(
    inTheWay.length > 0
      ? `the restore would be refused: ${count(inTheWay.length, 'ref')} ${inTheWay.length === 1 ? 'is' : 'are'} in the way; nothing was sent`
      : 'nothing was sent',
  );
}

/** Only once the secret is read is it known which GitHub it is for. */
export function refuseSecretElsewhere(
  { given }: Context,
  { secret }: Pick<RestoreFlags, 'secret'>,
  atGitHub: boolean,
): void {
  if (secret === undefined || atGitHub || !given.has('secret')) return;
  throw doesNotApply('--secret', restoreScope.sorts.server, 'is for GitHub, and the target is not on its host');
}
