import { randomBytes } from 'node:crypto';
import type { StartRequest } from '#core/filesystems/messages.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import { taskSchema, type Task } from '#core/filesystems/task.ts';
import { parse } from '#core/runtime/schema.ts';

const minuteMs = 60_000;

/** `2026-11-20T020000Z`; with milliseconds, where it has some. */
function compact(time: Date): string {
  return time.toISOString().replaceAll(':', '').replace('.000Z', 'Z');
}

/** The same for a message that comes twice, so that it starts nothing twice. */
export function idOf({ task, fileSystem }: StartRequest, asked: Date): string {
  return `${task}-${fileSystem}-${compact(asked)}`;
}

/**
 * What the instance shall do.
 * @throws {HoldfastError} Usage
 */
export function makeTask(request: StartRequest, settings: FileSystemSettings, asked: Date, now: Date): Task {
  const { source, vault, label, interval, workers, windowMinutes } = settings;
  const whole = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const task = {
    format: 1,
    id: idOf(request, asked),
    nonce: randomBytes(16).toString('hex'),
    source: known(source),
    vault: known(vault),
    label,
    interval,
    windowEnds: new Date(now.getTime() + windowMinutes * minuteMs).toISOString(),
    ...given({ workers: workers ?? undefined }),
    action: request.task,
    ...(request.task === 'backup'
      ? {
          snapshot: compact(whole),
          retain: settings.retain,
          ...given({ prefix: settings.prefix ?? undefined, acceptEmpty: settings.acceptEmpty ?? undefined }),
        }
      : given({ snapshot: request.snapshot })),
    ...(request.task === 'restore' ? restoreOf(request, settings, compact(whole)) : {}),
  };
  return parse(taskSchema, task, 'what was asked for', 'Usage');
}

function restoreOf(
  { to, path, inPlace = false, delete: remove, maxDelete, dryRun, verify }: StartRequest,
  { source }: FileSystemSettings,
  time: string,
): object {
  return {
    ...given({ path, delete: remove, maxDelete, dryRun, verify }),
    target: {
      fileSystem: to === undefined || to === source.id ? known(source) : { id: to },
      folder: inPlace ? '/' : `/restore-${time}`,
      inPlace,
    },
  };
}

/** Terraform writes null for what is not given. */
function known({ id, accessPoint }: FileSystemSettings['source']): { id: string; accessPoint?: string } {
  return { id, ...(typeof accessPoint === 'string' ? { accessPoint } : {}) };
}

function given(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
