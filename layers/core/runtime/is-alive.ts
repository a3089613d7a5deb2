import { systemCode } from './errors.ts';

/** Whether a process of this machine runs, be it another user's. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It exists, but belongs to another user.
    return systemCode(error) === 'EPERM';
  }
}
