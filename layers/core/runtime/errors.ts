/**
 * Every way in which Holdfast fails, by a stable name. The name is what Step Functions matches, what `--json`
 * prints and what the documentation explains, so a code is never renamed.
 */
export type ErrorCode =
  | 'Usage' // the caller asked for something that cannot be
  | 'ConfigurationInvalid' // a setting or secret does not have the form that it must have
  | 'AccessDenied' // credentials missing, refused or too weak
  | 'SourceMissing' // the source no longer has the item, or hides it from these credentials
  | 'SourceBlocked' // the source refuses to serve the item: DMCA, disabled, suspended
  | 'SourceUnsupported' // the source holds the item in a form that cannot be backed up whole
  | 'SourceShrunk' // the inventory is suspiciously small
  | 'RateLimited' // the other side asks us to come back later
  | 'Unavailable' // the other side cannot be reached or fails on its own account
  | 'Stalled' // no bytes for too long
  | 'Truncated' // a stream ended before its end
  | 'Corrupt' // bytes in transit do not match what they claim to be
  | 'RefMoved' // a ref moved away between listing and fetching
  | 'ProtocolViolation' // an answer that the protocol does not allow
  | 'RemoteRefused' // the Git server answered with its own error
  | 'StorageFailed' // the vault could not be read or written
  | 'AlreadyExists' // a create-once object is there already
  | 'KeyBlocked' // a folder cannot hold an object of this name, since another name lies in its way
  | 'NotFound' // the vault has no such object, item or snapshot
  | 'Damaged' // what the vault holds is not what was stored
  | 'TargetNotEmpty' // a restore would overwrite something
  | 'Busy' // something else is under way, and both at once cannot be
  | 'MountFailed' // a file system is not mounted, cannot be, or is another one
  | 'CopyFailed' // files could not be copied as they are
  | 'TooLarge' // over a stated limit
  | 'TooLargeForLambda' // belongs into CodeBuild
  | 'PartialRun' // some items of a run were not backed up
  | 'FailedRun' // nothing was backed up by a run
  | 'ToolMissing' // a program on the machine is needed and absent, or failed
  | 'Interrupted'; // asked to stop

export interface ErrorDetails {
  /** What the reader should do next, as one sentence. */
  advice?: string | undefined;
  cause?: unknown;
  /** Whether the same call may well succeed when it is made again. */
  transient?: boolean;
  /** How long the other side asks us to wait before that, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** The base of all errors that Holdfast raises. `name` equals `code`. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  readonly advice: string | undefined;
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = code;
    this.code = code;
    this.advice = details.advice;
    this.transient = details.transient ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether an error is Holdfast's own and has one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is HoldfastError {
  return error instanceof HoldfastError && codes.includes(error.code);
}

/** The code that Node or a library put on an error (`ENOENT`, `ECONNRESET`…), if any. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Throws when the signal has fired; the reason is always a HoldfastError of code `Interrupted`. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal);
}

/** The error to raise for a signal that has fired. */
export function interrupted(signal: AbortSignal): HoldfastError {
  return signal.reason instanceof HoldfastError
    ? signal.reason
    : new HoldfastError('Interrupted', 'stopped on request');
}
