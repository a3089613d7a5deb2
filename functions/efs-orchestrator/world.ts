import type { Message } from '#core/filesystems/messages.ts';
import type { BackupRecord } from '#core/filesystems/records.ts';
import type { ResultOwner } from '#core/filesystems/results.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import type { Table } from '#core/filesystems/table.ts';
import type { TaskResult } from '#core/filesystems/task.ts';
import type { Notice } from '#core/notifications/notice.ts';

/** All that the orchestrator sees and touches. Nothing of a task is kept anywhere else. */
export interface World {
  fileSystems: readonly FileSystemSettings[];
  table: Table;
  groups: Groups;
  commands: Commands;
  storage: Storage;
  schedules: Schedules;
  results: Results;
  /** Tells people. */
  publish(notice: Notice): Promise<void>;
  /** Tells the dead-man's switch how a backup ended. */
  beat(well: boolean): Promise<void>;
  notifySuccess: boolean;
  /** What a metric counts of one file system. */
  measure(fileSystem: string, metrics: Readonly<Record<string, Measured>>): void;
  log(level: 'info' | 'warn', message: string, about: Readonly<Record<string, unknown>>): void;
  now(): Date;
}

export interface Measured {
  unit: 'Count' | 'Bytes' | 'Seconds' | 'NoUnit';
  value: number;
}

export interface Instance {
  id: string;
  /** As Auto Scaling calls it: `Pending:Wait`, `InService`, `Terminating:Wait`… */
  state: string;
  type: string | undefined;
}

/** Auto Scaling. */
export interface Groups {
  /** @throws {HoldfastError} NotFound */
  look(group: string): Promise<{ desired: number; zones: string[]; instances: Instance[] }>;
  ask(group: string, instances: 0 | 1): Promise<void>;
  /** Lets go an instance that a lifecycle hook holds; nothing happens where it is not held any more. */
  complete(group: string, hook: string, instance: string, answer: 'CONTINUE' | 'ABANDON'): Promise<void>;
  /** Has the hook wait on. */
  heartbeat(group: string, hook: string, instance: string): Promise<void>;
}

/** Systems Manager. */
export interface Commands {
  /**
   * Has the program on the instance end in good order.
   * @returns the id of the command
   * @throws {HoldfastError} Unavailable where the instance cannot be reached
   */
  shutDown(instance: string): Promise<string>;
  look(command: string, instance: string): Promise<CommandState>;
}

export interface CommandState {
  state: 'running' | 'done' | 'failed';
  /** In Systems Manager's words. */
  said: string;
}

/** EFS, and what CloudWatch knows of it. */
export interface Storage {
  /** @throws {HoldfastError} SourceMissing */
  look(fileSystem: string): Promise<FileSystemState>;
  mountTargets(fileSystem: string): Promise<{ zone: string; state: string }[]>;
  /** The newest datapoint of a metric; undefined where there is none. */
  metric(fileSystem: string, name: 'BurstCreditBalance' | 'PermittedThroughput'): Promise<number | undefined>;
}

export interface FileSystemState {
  state: string;
  bytes: number | undefined;
  performanceMode: string | undefined;
  throughputMode: string | undefined;
}

/** EventBridge Scheduler: messages to oneself, once. */
export interface Schedules {
  /** Nothing happens where it is there already. */
  create(name: string, time: Date, message: Message): Promise<void>;
  /** Nothing happens where there is none. */
  remove(name: string): Promise<void>;
}

export interface Results {
  /**
   * How a task ended, as its instance stored it.
   * @throws {HoldfastError} Damaged where what is stored is not the result of this very task
   */
  read(task: ResultOwner): Promise<TaskResult | undefined>;
  /** Where all that the instance stored of the task stands. */
  place(task: Pick<BackupRecord, 'BackupId' | 'Group'>): string;
}
