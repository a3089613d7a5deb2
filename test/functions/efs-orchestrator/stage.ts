import type { PlainItem } from '#core/filesystems/attributes.ts';
import type { Message, StartAnswer, StartRequest } from '#core/filesystems/messages.ts';
import type { BackupRecord } from '#core/filesystems/records.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import { taskPrefix, type TaskResult } from '#core/filesystems/task.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { dispatch } from '../../../functions/efs-orchestrator/dispatch.ts';
import type { BusEvent } from '../../../functions/efs-orchestrator/events.ts';
import type { Measured, World } from '../../../functions/efs-orchestrator/world.ts';
import { memoryTable } from './memory-table.ts';

export const began = '2026-11-20T02:00:00.000Z';
/** The task that a start at that moment makes. */
export const firstId = 'backup-files-2026-11-20T020000Z';
export const group = 'holdfast-efs-files';

export const files: FileSystemSettings = {
  name: 'files',
  source: { id: 'fs-0000000a' },
  vault: { id: 'fs-0000000b' },
  group,
  hooks: { launch: 'launch', terminate: 'terminate' },
  label: 'efs-backup',
  interval: 'daily',
  retain: 7,
  windowMinutes: 180,
};

/** How AWS and the instance behave. */
export interface Manner {
  /** What the program stores when it ends; nothing where it is undefined. */
  result: TaskResult['status'] | undefined;
  /** What becomes of the command that ends it. */
  command: 'works' | 'silent' | 'fails' | 'hangs';
  /** What Auto Scaling says of every launch, where none succeeds. */
  launchProblem?: string;
}

/** All that there is at one moment; plain, so that it can be copied and compared. */
export interface Scene {
  now: string;
  items: Record<string, PlainItem>;
  desired: number;
  instances: { id: string; state: string; program: boolean }[];
  /** How many instances there ever were. */
  launched: number;
  events: BusEvent[];
  schedules: Record<string, { time: string; message: Message }>;
  results: Record<string, unknown>;
  commands: string[];
  told: { subject: string; text: string }[];
}

export function emptyScene(): Scene {
  return {
    now: began,
    items: {},
    desired: 0,
    instances: [],
    launched: 0,
    events: [],
    schedules: {},
    results: {},
    commands: [],
    told: [],
  };
}

export interface Stage {
  scene: Scene;
  world: World;
  measured: { fileSystem: string; metrics: Readonly<Record<string, Measured>> }[];
  logged: { message: string; about: Readonly<Record<string, unknown>> }[];
  send(event: Message | BusEvent): Promise<StartAnswer | undefined>;
  start(more?: Partial<StartRequest>): Promise<StartAnswer>;
  /** Hands on one event; it stays where it is to come again. */
  deliver(event: BusEvent, again?: boolean): Promise<void>;
  fire(schedule: string): Promise<void>;
  /** The program on the instance comes to its end by itself. */
  endProgram(): void;
  /** The instance vanishes, as when its machine breaks. */
  kill(): void;
  /** Delivers all that is under way. */
  settle(): Promise<void>;
}

export const succeeding: Manner = { result: 'success', command: 'works' };

/** Auto Scaling, Systems Manager and the rest as the orchestrator knows them, all in memory. */
export function stageOf(scene: Scene = emptyScene(), manner: Manner = succeeding, settings = files): Stage {
  const emit = (kind: BusEvent['detail-type'], detail: object): void => {
    scene.events.push({ 'detail-type': kind, time: scene.now.replace(/\.\d+Z/, 'Z'), detail } as BusEvent);
  };
  const about = (instance: string): object => ({ AutoScalingGroupName: group, EC2InstanceId: instance });
  const started = (): Scene['instances'] => scene.instances.filter(({ state }) => !state.startsWith('Terminating'));

  /** Auto Scaling brings the number of instances to what is desired. */
  function adjust(): void {
    if (scene.desired > started().length) {
      if (manner.launchProblem !== undefined) {
        emit('EC2 Instance Launch Unsuccessful', { ...about(''), StatusMessage: manner.launchProblem });
        return;
      }
      const id = `i-${String(++scene.launched)}`;
      scene.instances.push({ id, state: 'Pending:Wait', program: true });
      emit('EC2 Instance-launch Lifecycle Action', about(id));
    }
    for (const instance of started().slice(scene.desired)) {
      instance.state = 'Terminating:Wait';
      emit('EC2 Instance-terminate Lifecycle Action', about(instance.id));
    }
  }

  function storeResult(): void {
    const id = runningId(scene);
    if (manner.result === undefined || id === undefined) return;
    scene.results[id] = resultOf(id, manner.result);
  }

  function endProgram(): void {
    const instance = scene.instances.find(({ program }) => program);
    if (!instance) return;
    instance.program = false;
    storeResult();
    const id = runningId(scene);
    if (id !== undefined) emit('EFS Task Finished', { id, nonce: nonceOf(scene, id) });
  }

  const measured: Stage['measured'] = [];
  const logged: Stage['logged'] = [];
  const world: World = {
    fileSystems: [settings],
    table: memoryTable(scene.items),
    groups: {
      look: () =>
        Promise.resolve({
          desired: scene.desired,
          zones: ['us-east-1a', 'us-east-1b'],
          instances: scene.instances.map(({ id, state }) => ({ id, state, type: 't4g.small' })),
        }),
      ask: (_group, instances) => {
        scene.desired = instances;
        adjust();
        return Promise.resolve();
      },
      complete: (_group, hook, id, answer) => {
        const instance = scene.instances.find((found) => found.id === id);
        if (hook === 'launch' && instance?.state === 'Pending:Wait') {
          if (answer === 'CONTINUE') instance.state = 'InService';
          else {
            remove(scene, id);
            emit('EC2 Instance Launch Unsuccessful', { ...about(id), StatusMessage: 'the action was abandoned' });
            adjust();
          }
        }
        if (hook === 'terminate' && instance?.state === 'Terminating:Wait') {
          remove(scene, id);
          emit('EC2 Instance Terminate Successful', about(id));
          adjust();
        }
        return Promise.resolve();
      },
      heartbeat: () => Promise.resolve(),
    },
    commands: {
      shutDown: (instance) => {
        if (manner.command === 'silent')
          return Promise.reject(
            new HoldfastError('Unavailable', `the Systems Manager agent on ${instance} does not respond`),
          );
        scene.commands.push(instance);
        if (manner.command === 'works') endProgram();
        return Promise.resolve(`command-${scene.commands.length}`);
      },
      look: () =>
        Promise.resolve(
          manner.command === 'fails'
            ? { state: 'failed', said: 'Delivery Timed Out' }
            : { state: manner.command === 'works' ? 'done' : 'running', said: '' },
        ),
    },
    storage: {
      look: () =>
        Promise.resolve({
          state: 'available',
          bytes: 1000,
          performanceMode: 'generalPurpose',
          throughputMode: 'bursting',
        }),
      mountTargets: () => Promise.resolve(['us-east-1a', 'us-east-1b'].map((zone) => ({ zone, state: 'available' }))),
      metric: () => Promise.resolve(2_000_000_000),
    },
    schedules: {
      create: (name, time, message) => {
        scene.schedules[name] ??= { time: time.toISOString(), message };
        return Promise.resolve();
      },
      remove: (name) => {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- schedules come and go by name
        delete scene.schedules[name];
        return Promise.resolve();
      },
    },
    results: {
      read: ({ BackupId }) => Promise.resolve(scene.results[BackupId] as TaskResult | undefined),
      place: ({ Group, BackupId }) => `s3://logs/${taskPrefix(Group, BackupId)}`,
    },
    publish: ({ subject, text }) => {
      scene.told.push({ subject, text });
      return Promise.resolve();
    },
    beat: () => Promise.resolve(),
    notifySuccess: true,
    measure: (fileSystem, metrics) => measured.push({ fileSystem, metrics }),
    log: (_level, message, of) => logged.push({ message, about: of }),
    now: () => new Date(scene.now),
  };

  const stage: Stage = {
    scene,
    world,
    measured,
    logged,
    send: (event) => dispatch(world, event),
    start: async (more = {}) => {
      const request = {
        action: 'start',
        fileSystem: 'files',
        task: 'backup',
        asked: scene.now,
        interactive: false,
      } as const;
      const answer = await dispatch(world, { ...request, ...more });
      if (!answer) throw new Error('a start answers');
      return answer;
    },
    deliver: async (event, again = false) => {
      if (!again) scene.events.splice(scene.events.indexOf(event), 1);
      await dispatch(world, event);
    },
    fire: async (name) => {
      const schedule = scene.schedules[name];
      if (!schedule) throw new Error(`there is no schedule ${name}`);
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- it was made to remove itself
      delete scene.schedules[name];
      if (schedule.time > scene.now) scene.now = schedule.time;
      // So that patience comes to its end in two steps, not in twenty.
      if (schedule.message.action === 'follow') scene.now = later(scene.now, 10);
      await dispatch(world, schedule.message);
    },
    endProgram,
    kill: () => {
      const [instance] = scene.instances;
      if (!instance) return;
      remove(scene, instance.id);
      emit('EC2 Instance Terminate Successful', about(instance.id));
      adjust();
    },
    settle: async () => {
      for (let round = 0; scene.events.length > 0; round++) {
        if (round > 100) throw new Error(`no end: ${JSON.stringify(scene)}`);
        await stage.deliver(scene.events[0]!);
      }
    },
  };
  return stage;
}

export function later(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

function remove(scene: Scene, instance: string): void {
  scene.instances = scene.instances.filter(({ id }) => id !== instance);
}

/** The random word that the instance finds in its task. */
function nonceOf(scene: Scene, id: string): unknown {
  return (scene.items[id] as unknown as BackupRecord).Task.nonce;
}

/** The task that the instance reads. */
function runningId(scene: Scene): string | undefined {
  const id = scene.items[`lock#${group}`]?.['Running'];
  return typeof id === 'string' ? id : undefined;
}

export function resultOf(id: string, status: TaskResult['status'], more: Partial<TaskResult> = {}): TaskResult {
  return {
    format: 1,
    id,
    action: 'backup',
    status,
    ...(status === 'failed' ? { problem: { code: 'Unavailable', message: 'rsync ended with 23' } } : {}),
    snapshot: '2026-11-20T020000Z',
    stages: [
      { name: 'mount', started: began, finished: began },
      { name: 'copy', started: began, finished: began },
    ],
    statistics: { entries: 12, files: 10, bytes: 1000, filesTransferred: 1, bytesTransferred: 100 },
    warnings: [],
    tool: { name: 'holdfast', version: '0.1.0' },
    started: began,
    finished: began,
    ...more,
  };
}
