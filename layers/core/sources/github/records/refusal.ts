import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';

/** That GitHub gives a part of a repository not at all: it ends that part and nothing else. */
export class Refusal extends HoldfastError {
  /** As a report says it: `switched off`, `the token lacks webhooks:read`. */
  readonly why: string;

  constructor(error: HoldfastError, why: string) {
    super(error.code, error.message, { advice: error.advice, cause: error });
    this.why = why;
  }
}

/**
 * Why a request was refused, by its status; undefined where the refusal is of the credential as a whole or where it may
 * end by itself.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 * @param lacking the permissions that GitHub says would do: `issues=read`
 */
export function whyRefused(status: number, lacking: string | undefined): string | undefined {
  switch (status) {
    case 403:
      return lacking === undefined
        ? 'the token may not read it'
        : `the token lacks ${serverMessage(lacking).replaceAll('=', ':')}`;
    case 404:
      return 'not there, or the token may not see it';
    case 410:
      return 'switched off';
    case 451:
      return 'blocked by GitHub';
    default:
      return undefined;
  }
}

/** Runs what reads a part; where GitHub refuses it, says why. */
export async function unlessRefused(read: () => Promise<void>, refused: (why: string) => void): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused(error.why);
  }
}
