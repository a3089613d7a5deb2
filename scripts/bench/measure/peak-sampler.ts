import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 25;

/**
 * Follows the memory of a process group by Linux's /proc: the kernel keeps each process's highest mark, so a process
 * need only be seen once near its end.
 */
export class PeakSampler {
  readonly #group: number;
  readonly #timer: NodeJS.Timeout;
  #peakKiB = 0;

  constructor(group: number) {
    this.#group = group;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The highest mark in bytes; undefined where there is no /proc. */
  stop(): number | undefined {
    clearInterval(this.#timer);
    return this.#peakKiB === 0 ? undefined : this.#peakKiB * 1024;
  }

  #look(): void {
    for (const pid of processes()) {
      const group = /^\d+ \(.*\) \S \d+ (\d+) /s.exec(readProc(pid, 'stat'))?.[1];
      if (Number(group) !== this.#group) continue;
      const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1];
      this.#peakKiB = Math.max(this.#peakKiB, Number(mark ?? 0));
    }
  }
}

function processes(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Empty where the process has just ended. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
