import { spawnSync } from 'node:child_process';
import type { Cost } from './cost.ts';

/** A program that runs another one and notes what it cost. */
export interface Meter {
  /** The arguments before those of the command, with the program itself. `report` is the file for the figures. */
  wrap(report: string): readonly string[];
  /** Understands the figures. */
  read(report: string): Omit<Cost, 'wall'>;
}

/** GNU time knows everything: the kernel sums it up for all children that were waited for. */
function gnuTime(program: string): Meter {
  return {
    wrap: (report) => [program, '--quiet', '--output', report, '--format', '%U %S %M %O', '--'],
    read: (report) => {
      const [user = 0, system = 0, peakKiB = 0, blocks = 0] = (report.trim().split('\n').at(-1) ?? '')
        .split(' ')
        .map(Number);
      return { cpu: user + system, peak: peakKiB * 1024, written: blocks * 512 };
    },
  };
}

/** Without it every POSIX shell knows at least the processor time; memory is then looked up while the process runs. */
const shellTimes: Meter = {
  wrap: (report) => ['sh', '-c', 'report=$1; shift; "$@"; status=$?; times > "$report"; exit $status', 'sh', report],
  read: (report) => {
    // The second line is that of the children: `0m1.25s 0m0.50s`, user and system.
    const [user, system] = [...(report.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
      ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
    );
    return { cpu: (user ?? NaN) + (system ?? NaN) };
  },
};

/** The best meter that this machine has. */
export function chooseMeter(): Meter {
  for (const program of ['/usr/bin/time', 'gtime']) {
    const { stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    if (`${stdout}${stderr}`.includes('GNU')) return gnuTime(program);
  }
  return shellTimes;
}
