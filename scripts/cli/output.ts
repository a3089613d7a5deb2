import pico from 'picocolors';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { printable } from './format.ts';
import { Progress } from './progress.ts';

export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  debug: boolean;
  noColor: boolean;
}

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'cyan';

/** Where everything that is printed passes: masked, for people or for machines, never both. */
export class Output {
  readonly json: boolean;
  readonly #options: OutputOptions;
  readonly #colours;
  #progress: Progress | undefined;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.json = options.json;
    // Undefined, as where the output is piped, would make the library guess.
    this.#colours = pico.createColors(isTerminal(process.stdout) && !options.noColor);
  }

  /** A line for people; silent with --json and --quiet. */
  line(text = ''): void {
    if (this.#options.json || this.#options.quiet) return;
    this.#write(text);
  }

  /** A line that even --quiet does not hold back: a result that was asked for, a failure. */
  result(text: string): void {
    if (!this.#options.json) this.#write(text);
  }

  /** One JSON object on one line, for machines. */
  event(name: string, data: object): void {
    if (this.#options.json) process.stdout.write(`${mask(JSON.stringify({ event: name, ...data }))}\n`);
  }

  /** Tells of an error: what, where, what to do next. A stack trace only with --debug. */
  error(error: unknown): void {
    const code = error instanceof HoldfastError ? error.code : 'Unexpected';
    const advice =
      error instanceof HoldfastError
        ? error.advice
        : 'This is a fault of Holdfast. Run it again with --debug and report what it prints.';
    this.event('error', { code, message: messageOf(error), ...(advice === undefined ? {} : { advice }) });
    if (!this.#options.json) {
      const lines = [
        `${this.paint('red', 'error:')} ${messageOf(error)}`,
        ...(advice === undefined ? [] : [`  ${advice}`]),
      ];
      this.#progress?.stop();
      process.stderr.write(`${lines.map((line) => this.#clean(line)).join('\n')}\n`);
    }
    if (this.#options.debug) process.stderr.write(`${mask(stackOf(error))}\n`);
  }

  paint(colour: Colour, text: string): string {
    return this.#colours[colour](text);
  }

  /** A bar on a terminal; nothing anywhere else. */
  progress(items: number): Progress {
    const shown = isTerminal(process.stderr) && !this.#options.json && !this.#options.quiet;
    this.#progress = new Progress({ shown, items });
    return this.#progress;
  }

  #write(text: string): void {
    const clean = `${this.#clean(text)}\n`;
    if (this.#progress) this.#progress.above(() => process.stdout.write(clean));
    else process.stdout.write(clean);
  }

  /** Colours are ours and stay; everything else that controls a terminal goes. */
  #clean(text: string): string {
    return mask(text)
      .split(colourSequence)
      .map((part, at) => (at % 2 === 1 ? part : printable(part)))
      .join('');
  }
}

// eslint-disable-next-line no-control-regex -- the escape sequences of our own colours
const colourSequence = /(\u001b\[\d+m)/;

/** Node leaves the property out where the stream is no terminal. */
function isTerminal(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY ?? false;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
