import { HoldfastError, messageOf } from '#core/runtime/errors.ts';

/**
 * Asks AWS, and says what its errors mean.
 * @param what what is being asked, for the message: `the Auto Scaling group holdfast-efs-files`
 * @throws {HoldfastError} AccessDenied, SourceMissing, Usage, Unavailable
 */
export async function ask<T>(what: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    const name = error instanceof Error ? error.name : '';
    const message = `${what}: ${messageOf(error)}`;
    if (/AccessDenied|Unauthorized|Credentials|ExpiredToken|UnrecognizedClient/.test(name))
      throw new HoldfastError('AccessDenied', message, {
        cause: error,
        advice: "Check the permissions of the function's role.",
      });
    if (/NotFound/.test(name)) throw new HoldfastError('SourceMissing', message, { cause: error });
    throw new HoldfastError('Unavailable', message, {
      cause: error,
      transient: !/Validation|BadRequest|Invalid/.test(name),
    });
  }
}

/** Whether an error of the SDK has one of these names. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
