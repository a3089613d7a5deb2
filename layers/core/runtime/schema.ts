import * as v from 'valibot';
import { HoldfastError, type ErrorCode } from './errors.ts';

/**
 * Parses what came in from outside. Where it does not fit, one error names every problem and where it is, and never
 * repeats a value: it may be a secret.
 * @param what what is being parsed, for the message: `the secret prod/github-backup`
 */
export function parse<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  what: string,
  code: ErrorCode = 'ConfigurationInvalid',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const problems = result.issues
    .slice(0, 20)
    .map((issue) => `${v.getDotPath(issue) ?? 'the whole'}: ${problem(issue)}`);
  throw new HoldfastError(code, `${what} is not valid: ${problems.join('; ')}`);
}

/** Our own checks carry their own words; valibot's default words would repeat the value received. */
function problem(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'validation') return issue.message;
  return issue.received === 'undefined' ? 'missing' : `must be ${issue.expected ?? 'something else'}`;
}

/** Parses JSON and then the schema; text that is not JSON is the same kind of error. */
export function parseJson<const Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  what: string,
  code: ErrorCode = 'ConfigurationInvalid',
): v.InferOutput<Schema> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a secret, so it is not kept as the cause.
    throw new HoldfastError(code, `${what} is not JSON`);
  }
  return parse(schema, input, what, code);
}
