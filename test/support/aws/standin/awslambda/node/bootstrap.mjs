// What Lambda's Node runtime does around a handler: finds it, calls it once per event, logs, reports.
import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import './absolute-paths.mjs';

const results = Number(process.env.STANDIN_RESULTS);
delete process.env.STANDIN_RESULTS;
delete process.env.STANDIN_OPT;
const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
let requestId;

const report = (answer) => {
  // Tells the reader of our output that all that belongs to this invocation has been written.
  process.stdout.write('\0flushed\0\n');
  writeSync(results, JSON.stringify(answer) + '\n');
};

function log(level, values) {
  const timestamp = new Date().toISOString();
  // Lambda keeps the lines of one log call together.
  const line = json
    ? JSON.stringify({
        timestamp,
        level,
        requestId,
        message: values.length === 1 ? plain(values[0]) : format(...values),
      })
    : [timestamp, requestId ?? 'undefined', level, format(...values)].join('\t');
  process.stdout.write(line.replaceAll('\n', '\r') + '\n');
}

const plain = (value) => (value instanceof Error ? described(value) : value);

for (const [method, level] of Object.entries({
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  debug: 'DEBUG',
  trace: 'TRACE',
})) {
  console[method] = (...values) => log(level, values);
}

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function fail(error, { type, fatal = false } = {}) {
  const description = described(error);
  if (type) description.errorType = type;
  const { trace: stack, ...rest } = description;
  log('ERROR', [fatal ? 'Uncaught Exception' : 'Invoke Error', JSON.stringify({ ...rest, stack })]);
  report({ error: description, fatal });
}

process.on('uncaughtException', (error) => {
  fail(error, { fatal: true });
  process.exit(129);
});
process.on('unhandledRejection', (error) => {
  fail(error, { type: 'Runtime.UnhandledPromiseRejection', fatal: true });
  process.exit(128);
});

async function load() {
  const handler = process.env._HANDLER;
  const dot = handler.lastIndexOf('.');
  const [name, member] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(process.env.LAMBDA_TASK_ROOT, name + extension))
    .find((candidate) => existsSync(candidate));
  const problem = (type, message) => Object.assign(new Error(message), { name: type });
  if (!file) throw problem('Runtime.ImportModuleError', `Error: Cannot find module '${name}'`);
  const module = await import(pathToFileURL(file));
  const found = module[member] ?? module.default?.[member];
  if (typeof found !== 'function') {
    throw problem('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  return found;
}

function invoke(handler, event, context) {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) =>
    handler(event, context, (error, value) => (error ? reject(error) : resolve(value))),
  );
}

let handler;
try {
  handler = await load();
  writeSync(results, '{"ready":true}\n');
} catch (error) {
  fail(error, { fatal: true });
  process.exit(1);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { event, deadline, arn, trace, requestId: id } = JSON.parse(line);
  requestId = id;
  process.env._X_AMZN_TRACE_ID = trace;
  const context = {
    awsRequestId: id,
    invokedFunctionArn: arn,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    const result = await invoke(handler, event, context);
    report({ result: JSON.stringify(result === undefined ? null : result) });
  } catch (error) {
    fail(error);
  }
}
