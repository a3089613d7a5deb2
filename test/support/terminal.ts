import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../scripts/cli/launch.mjs', import.meta.url));

/** Nothing that is run here takes longer than seconds; what does not end at all must not hold up the tests. */
const longestMs = 60_000;

export interface TerminalOptions {
  cwd: string;
  columns?: number;
  env?: Record<string, string>;
  /** What to run with Node instead of the command line. */
  program?: string;
  /** Called with all that is on the screen, each time that something was printed. */
  onScreen?: (lines: string[], type: (keys: string) => void) => void;
}

export interface TerminalResult {
  /** What a person reads in the end, scrolled away or not: lines as they were printed, however they wrapped. */
  lines: string[];
  /** The rows of the terminal. */
  rows: string[];
  /** Every byte that was printed, in order. */
  printed: string;
  /** Undefined where it did not end by itself. */
  code: number | undefined;
}

/** Runs the real program for a person: on a pseudo-terminal, whose bytes go through a terminal emulator. */
export async function onTerminal(
  args: readonly string[],
  { cwd, columns = 100, env, program = launcher, onScreen }: TerminalOptions,
): Promise<TerminalResult> {
  const screen = new xterm.Terminal({ cols: columns, rows: 24, scrollback: 1000, allowProposedApi: true });
  const child = spawn(process.execPath, [program, ...args], {
    // What becomes of TERM.
    name: env?.['TERM'] ?? 'xterm-256color',
    cols: columns,
    rows: 24,
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
  });
  let printed = '';
  let drawn = Promise.resolve();
  child.onData((data) => {
    printed += data;
    drawn = new Promise((resolve) =>
      screen.write(data, () => {
        onScreen?.(readScreen(screen).lines, (keys) => child.write(keys));
        resolve();
      }),
    );
  });
  const code = await new Promise<number | undefined>((resolve) => {
    const tooLong = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(undefined);
    }, longestMs);
    child.onExit(({ exitCode }) => {
      clearTimeout(tooLong);
      resolve(exitCode);
    });
  });
  await drawn;
  const { lines, rows } = readScreen(screen);
  screen.dispose();
  return { lines, rows, printed, code };
}

function fullRow(row: xterm.IBufferLine, next: xterm.IBufferLine): string {
  const text = row.translateToString(false);
  const left = row.getCell(row.length - 1)?.getChars() === '' && next.getCell(0)?.getWidth() === 2;
  return left && row.getCell(row.length - 2)?.getWidth() !== 2 ? text.slice(0, -1) : text;
}

function readScreen(screen: xterm.Terminal): Pick<TerminalResult, 'lines' | 'rows'> {
  const buffer = screen.buffer.active;
  const rows: string[] = [];
  const lines: string[] = [];
  for (let at = 0; at < buffer.length; at++) {
    const row = buffer.getLine(at);
    if (!row) continue;
    rows.push(row.translateToString(true));
    const next = buffer.getLine(at + 1);
    // A row that goes on in the next is full, but for the cell that a wide character did not fit in.
    const text = next?.isWrapped === true ? fullRow(row, next) : row.translateToString(true);
    if (row.isWrapped) lines.push(`${lines.pop() ?? ''}${text}`);
    else lines.push(text);
  }
  while (rows.at(-1) === '') rows.pop();
  while (lines.at(-1) === '') lines.pop();
  return { lines, rows };
}
