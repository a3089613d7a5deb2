import type { TaskResult } from './task.ts';

/** When each part of a task began and ended; one that was broken off has no end. */
export interface Stages {
  readonly list: TaskResult['stages'];
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function openStages(log: (line: string) => void): Stages {
  const list: TaskResult['stages'] = [];
  return {
    list,
    async run(name, work) {
      const stage: TaskResult['stages'][number] = { name, started: new Date().toISOString() };
      list.push(stage);
      log(`${name} begins`);
      const result = await work();
      stage.finished = new Date().toISOString();
      log(`${name} is done`);
      return result;
    },
  };
}
