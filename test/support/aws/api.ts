/**
 * Calls an AWS API of the stand-in without an SDK client, which the project has for two services only, and without
 * the `aws` command, which takes a second each time.
 */
const targets: Record<string, string> = {
  codebuild: 'CodeBuild_20161006',
  codecommit: 'CodeCommit_20150413',
  dynamodb: 'DynamoDB_20120810',
  events: 'AWSEvents',
  kms: 'TrentService',
  logs: 'Logs_20140328',
  secretsmanager: 'secretsmanager',
  sqs: 'AmazonSQS',
  ssm: 'AmazonSSM',
  states: 'AWSStepFunctions',
};

const queryVersions: Record<string, string> = {
  autoscaling: '2011-01-01',
  ec2: '2016-11-15',
  iam: '2010-05-08',
  sns: '2010-03-31',
  sts: '2011-06-15',
};

class AwsApiError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

interface AwsApiAnswer {
  headers: Headers;
  text: string;
}

/**
 * `operation` is the API's name for it, or method and path for a service with a REST interface (`GET /path`).
 * `service` is the name that requests are signed for.
 */
export async function requestAws(
  endpoint: string,
  service: string,
  operation: string,
  input: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<AwsApiAnswer> {
  const credential = `Credential=AKIALOCALTESTS000001/20260101/us-east-1/${service}/aws4_request`;
  const [method, path] = operation.includes(' /') ? (operation.split(' ', 2) as [string, string]) : ['POST', '/'];
  const response = await fetch(`${endpoint}${path}`, {
    method,
    headers: { Authorization: `AWS4-HMAC-SHA256 ${credential}`, ...typeAndTarget(service, operation), ...headers },
    ...(path === '/' || Object.keys(input).length ? { body: body(service, operation, input) } : {}),
  });
  const text = await response.text();
  if (response.ok) return { headers: response.headers, text };
  const code = /"__type": ?"(?:[^"]*#)?([^"]+)"/.exec(text) ?? /<Code>([^<]+)/.exec(text);
  const type = response.headers.get('x-amzn-errortype') ?? code?.[1] ?? `Status${response.status}`;
  throw new AwsApiError(type.split(':', 1)[0] ?? type, text, response.status);
}

function typeAndTarget(service: string, operation: string): Record<string, string> {
  if (service === 's3') return {};
  if (service in queryVersions) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (operation.includes(' /')) return { 'content-type': 'application/json' };
  const prefix = targets[service];
  if (!prefix) throw new Error(`how to call ${service} is not known; add it in ${import.meta.url}`);
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${prefix}.${operation}` };
}

function body(service: string, operation: string, input: Record<string, unknown>): string {
  const version = queryVersions[service];
  if (!version) return JSON.stringify(input);
  const parameters = new URLSearchParams({ Action: operation, Version: version });
  for (const [name, value] of Object.entries(input)) parameters.set(name, String(value));
  return parameters.toString();
}
