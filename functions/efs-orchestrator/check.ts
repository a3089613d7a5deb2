import type { RecordChanges } from '#core/filesystems/records.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import type { Task } from '#core/filesystems/task.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { readMetric } from './read-metric.ts';
import type { FileSystemState, World } from './world.ts';

/** Below it hardly anything is left beside the time for stopping; the old solution had the same. */
const shortestWindowMinutes = 60;

/**
 * Whether a task can be done at all, and what is noted of its file systems beforehand.
 * @param ownsGroup whether the task has its group already: then an instance in it is the task's own, started by a
 * delivery of the same message that was interrupted
 * @throws {HoldfastError} Usage, ConfigurationInvalid, SourceMissing, Unavailable
 */
export async function check(
  world: World,
  settings: FileSystemSettings,
  task: Task,
  ownsGroup: boolean,
): Promise<RecordChanges> {
  checkSettings(settings);
  checkRequest(task);
  const { source, vault } = settings;
  const [of, at] = [await world.storage.look(source.id), await world.storage.look(vault.id)];
  for (const [id, { state }] of [[source.id, of] as const, [vault.id, at] as const]) checkState(id, state);
  const needed = new Set([source.id, vault.id]);
  if (task.action === 'restore') needed.add(task.target.fileSystem.id);
  const { zones, instances } = await world.groups.look(settings.group);
  if (instances.length > 0 && !ownsGroup)
    throw new HoldfastError('Busy', `the group ${settings.group} still has the instance ${instances[0]?.id ?? ''}`, {
      advice: 'It is being terminated; try again in a few minutes.',
    });
  for (const id of needed) await checkMountTargets(world, id, zones);
  const credits = await readMetric(world, source.id, 'BurstCreditBalance');
  const warnings = creditWarnings(source.id, of, credits);
  return {
    SourceEfsSize: of.bytes,
    SourcePerformanceMode: of.performanceMode,
    SourceBurstCreditBalance: credits,
    SourcePermittedThroughput: await readMetric(world, source.id, 'PermittedThroughput'),
    DestinationEfsSize: at.bytes,
    DestinationPerformanceMode: at.performanceMode,
    Warnings: warnings.length > 0 ? warnings : undefined,
  };
}

function checkSettings({ source, vault, windowMinutes }: FileSystemSettings): void {
  if (source.id === vault.id)
    throw new HoldfastError('ConfigurationInvalid', `source and destination are the same file system, ${source.id}`, {
      advice: 'Give the backup its own file system.',
    });
  if (windowMinutes < shortestWindowMinutes)
    throw new HoldfastError('ConfigurationInvalid', `the window of ${windowMinutes} minutes is too short`, {
      advice: `Give it at least ${shortestWindowMinutes} minutes; 15 of them are reserved for stopping gracefully.`,
    });
}

function checkRequest(task: Task): void {
  if (task.action !== 'restore') return;
  const { target, delete: remove, vault } = task;
  if (target.fileSystem.id === vault.id)
    throw new HoldfastError('Usage', `${vault.id} holds the snapshots, so nothing is restored into it`);
  if (remove && !target.inPlace)
    throw new HoldfastError('Usage', 'only a restore in place can delete: a new folder has nothing to delete');
}

/** https://docs.aws.amazon.com/efs/latest/ug/API_FileSystemDescription.html */
function checkState(id: string, state: string): void {
  if (state === 'available' || state === 'updating') return;
  throw new HoldfastError('Unavailable', `the file system ${id} is ${state}, not available`);
}

async function checkMountTargets(world: World, id: string, zones: readonly string[]): Promise<void> {
  const targets = await world.storage.mountTargets(id);
  const advice = 'Create a mount target in a subnet of that zone, or take the zone from the subnets of the deployment.';
  for (const zone of zones) {
    const target = targets.find((found) => found.zone === zone);
    if (!target)
      throw new HoldfastError(
        'Unavailable',
        `mount target not found: ${id} has none in ${zone}, where the instance may start`,
        { advice },
      );
    if (target.state !== 'available')
      throw new HoldfastError('Unavailable', `the mount target of ${id} in ${zone} is ${target.state}, not available`, {
        advice: 'Try again when it is available, or repair it.',
      });
  }
}

function creditWarnings(id: string, { throughputMode }: FileSystemState, credits: number | undefined): string[] {
  if (throughputMode !== 'bursting' || credits === undefined || credits > 0) return [];
  return [
    `the burst credits of ${id} are used up, so it is read at its baseline throughput only; elastic throughput has no such limit`,
  ];
}
