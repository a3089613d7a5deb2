import type { RunResult } from '#core/run/report.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** What the command line ends with; the README lists them. */
export const exitCode = {
  well: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  damage: 4,
  /** As shells say it of a program that Ctrl-C ended. */
  interrupted: 130,
  /** As shells say it of a program that SIGTERM ended: what `kill`, systemd and container runtimes send. */
  terminated: 143,
} as const;

export function exitCodeOfRun(result: RunResult): number {
  return {
    complete: exitCode.well,
    partial: exitCode.partial,
    failed: exitCode.failed,
    interrupted: exitCode.interrupted,
  }[result];
}

export function exitCodeOfError(error: unknown): number {
  if (!(error instanceof HoldfastError)) return exitCode.failed;
  switch (error.code) {
    case 'Usage':
    case 'ConfigurationInvalid':
      return exitCode.usage;
    case 'Damaged':
      return exitCode.damage;
    case 'Interrupted':
      return exitCode.interrupted;
    default:
      return exitCode.failed;
  }
}
