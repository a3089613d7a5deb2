/** Errors as CodeArtifact answers them. https://docs.aws.amazon.com/codeartifact/latest/APIReference/CommonErrors.html */
import type { ResourceType } from '@aws-sdk/client-codeartifact';

const statuses = {
  AccessDeniedException: 403,
  ConflictException: 409,
  InternalServerException: 500,
  MissingAuthenticationTokenException: 403,
  ResourceNotFoundException: 404,
  ServiceQuotaExceededException: 402,
  ThrottlingException: 429,
  ValidationException: 400,
} as const;

export type ProblemType = keyof typeof statuses;

export class Problem extends Error {
  readonly type: ProblemType;
  readonly status: number;
  /** What the answer says beside the message. */
  readonly more: Readonly<Record<string, string>>;

  constructor(type: ProblemType, message: string, more: Readonly<Record<string, string>> = {}) {
    super(message);
    this.type = type;
    this.status = statuses[type];
    this.more = more;
  }
}

export function missing(resourceType: ResourceType, resourceId: string, where = ''): Problem {
  const kind = resourceType.replace('-', ' ');
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  const message = `${name} not found. '${resourceId}'${where && ` in ${where}`} does not exist.`;
  return new Problem('ResourceNotFoundException', message, { resourceId, resourceType });
}

export function conflict(resourceType: ResourceType, resourceId: string, message: string): Problem {
  return new Problem('ConflictException', message, { resourceId, resourceType });
}

export function invalid(message: string): Problem {
  return new Problem('ValidationException', message, { reason: 'FIELD_VALIDATION_FAILED' });
}

export function denied(account: string, action: string, resource: string): Problem {
  const who = `arn:aws:sts::${account}:assumed-role/tests/session`;
  return new Problem(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource}`,
  );
}

/** What a registry answers where a request makes no sense. */
export function badRequest(message: string): Problem {
  return new Problem('ValidationException', `Bad Request: ${message}`);
}
