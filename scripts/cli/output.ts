import pico from 'picocolors';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { printable, printableJson } from '#core/runtime/printable.ts';
import { mask } from '#core/runtime/redact.ts';
import type { ErrorEvent } from './events/failure.ts';
import { Progress } from './progress.ts';

export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  debug: boolean;
  noColor: boolean;
  /** The terminal understands no control sequences. */
  dumb: boolean;
}

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'cyan';

/** Where everything that is printed passes: masked, for people or for machines, never both. */
export class Output {
  readonly json: boolean;
  readonly #options: OutputOptions;
  readonly #colours;
  readonly #errorColours;
  #progress: Progress | undefined;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.json = options.json;
    const colourful = (stream: { isTTY?: boolean }): boolean => this.#draws(stream) && !options.noColor;
    this.#colours = pico.createColors(colourful(process.stdout));
    this.#errorColours = pico.createColors(colourful(process.stderr));
  }

  /** A line for people; silent with --json and --quiet. */
  line(text = ''): void {
    if (this.#options.json || this.#options.quiet) return;
    this.#write(process.stdout, text);
  }

  /** A line that even --quiet does not hold back: a result that was asked for, a failure. */
  result(text: string): void {
    if (!this.#options.json) this.#write(process.stdout, text);
  }

  /** One JSON object on one line, for machines; its type is that of its schema, as `output.event<ListEvent>(…)`. */
  event<Event extends { event: string } = never>(event: NoInfer<Event>): void {
    if (this.#options.json) process.stdout.write(`${mask(printableJson(event))}\n`);
  }

  /** Tells of an error: what, where, what to do next. A stack trace only with --debug. */
  error(error: unknown): void {
    const code = error instanceof HoldfastError ? error.code : 'Unexpected';
    const advice =
      error instanceof HoldfastError
        ? error.advice
        : 'This is a fault of Holdfast. Run it again with --debug and report what it prints.';
    this.event<ErrorEvent>({
      event: 'error',
      code,
      message: messageOf(error),
      ...(advice === undefined ? {} : { advice }),
    });
    if (!this.#options.json) {
      const lines = [
        `${ours(this.#errorColours.red, 'error:')} ${messageOf(error)}`,
        ...(advice === undefined ? [] : [`  ${advice}`]),
      ];
      this.#write(process.stderr, lines.join('\n'));
    }
    if (this.#options.debug) this.#write(process.stderr, stackOf(error));
  }

  /** Says on standard error what must be known and is no failure of the verb itself, in every mode. */
  complain(text: string): void {
    this.#write(process.stderr, `${ours(this.#errorColours.red, 'error:')} ${text}`);
  }

  /** A message for the person at the terminal only. */
  hint(text: string): void {
    if (this.#draws(process.stderr) && !this.#options.json && !this.#options.quiet) this.#write(process.stderr, text);
  }

  paint(colour: Colour, text: string): string {
    return ours(this.#colours[colour], text);
  }

  /**
   * Lines that show how far a task is, on a terminal; nothing anywhere else.
   * @param items of how many things it consists
   * @param bytes how many bytes they have together, where that is known
   */
  progress(items: number, bytes?: number): Progress {
    const shown = this.#draws(process.stderr) && !this.#options.json && !this.#options.quiet;
    this.#progress?.stop();
    this.#progress = new Progress({ stream: shown ? process.stderr : undefined, items, bytes });
    return this.#progress;
  }

  /** Takes away what is still drawn. */
  close(): void {
    this.#progress?.stop();
  }

  #write(stream: NodeJS.WriteStream, text: string): void {
    const clean = `${this.#clean(text)}\n`;
    const print = (): void => void stream.write(clean);
    if (this.#progress) this.#progress.above(print);
    else print();
  }

  /** Node leaves the property out where the stream is not a terminal. */
  #draws(stream: { isTTY?: boolean }): boolean {
    return (stream.isTTY ?? false) && !this.#options.dumb;
  }

  /** Colours are ours and stay; everything else that controls a terminal goes. */
  #clean(text: string): string {
    return mask(text)
      .split(colourSequence)
      .map((part, at) => (at % 2 === 1 ? `\u001b${part}` : printable(part)))
      .join('');
  }
}

/**
 * Marks our own colours until they are written, so that no foreign text can pass for one. Not of node:crypto, whose
 * loading takes a tenth of a command's start: a text has no way to learn it.
 */
const mark = Math.random().toString(36).slice(2);

const colourSequence = new RegExp(`\u001b${mark}(\\[\\d+m)`);

/** Text in a colour of ours; what the text itself holds gets no mark. */
function ours(colour: (text: string) => string, text: string): string {
  const [before = '', after = ''] = colour('\0').replaceAll('\u001b', `\u001b${mark}`).split('\0');
  return `${before}${text}${after}`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
