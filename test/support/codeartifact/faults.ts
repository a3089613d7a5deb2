/**
 * Faults of the API, beside those of `git-faults.ts` (failWith, cutBody, flipByte, slowBody, delayBody), which fit as
 * well. Their `path` is matched against the call: `/GetPackageVersionAsset/company/libraries/maven/…/tool-1.0.jar`.
 */
import { Fault, type When } from '../git-faults.ts';
import { Problem, type ProblemType } from './problem.ts';

/** Any error of the API, as it answers it. */
export function failCall(type: ProblemType, message: string, when: When = {}): Fault {
  const { status, body, headers } = problemAnswer(new Problem(type, message));
  return new Fault(type, { on: 'api', ...when }, { answer: () => ({ status, body, headers }) });
}

/** `retryAfter` in seconds; without it, the answer has no such header, as most of AWS's have not. */
export function throttle({ retryAfter }: { retryAfter?: number } = {}, when: When = {}): Fault {
  const { status, body, headers } = problemAnswer(new Problem('ThrottlingException', 'Rate exceeded'));
  const all = retryAfter === undefined ? headers : { ...headers, 'retry-after': String(retryAfter) };
  return new Fault('throttled', { on: 'api', ...when }, { answer: () => ({ status, body, headers: all }) });
}

export function problemAnswer({ type, status, message, more }: Problem) {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
    body: JSON.stringify({ message, ...more }),
  };
}
