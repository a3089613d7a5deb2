/** Runs tasks side by side, and lets those who bring them wait for a free lane, so that nothing piles up. */
export interface Lanes {
  /** Resolves once the task has begun. @throws what an earlier task threw */
  add(task: () => Promise<void>): Promise<void>;
  /** Resolves once all have ended. @throws what the first of them threw */
  end(): Promise<void>;
}

/** @param onFailure called with the first failure, so that it can stop the others */
export function openLanes(width: number, onFailure: () => void): Lanes {
  const running = new Set<Promise<void>>();
  let problem: { error: unknown } | undefined;
  const check = (): void => {
    if (problem) throw problem.error;
  };
  return {
    async add(task) {
      while (running.size >= width) await Promise.race(running);
      check();
      const run = task()
        .catch((error: unknown) => {
          if (problem) return;
          problem = { error };
          onFailure();
        })
        .finally(() => running.delete(run));
      running.add(run);
    },
    async end() {
      while (running.size > 0) await Promise.race(running);
      check();
    },
  };
}
