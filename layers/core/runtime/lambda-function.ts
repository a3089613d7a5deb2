import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { GenericSchema, InferOutput } from 'valibot';
import { HoldfastError, messageOf } from './errors.ts';
import { mask } from './redact.ts';
import { parse } from './schema.ts';

/** The part of Lambda's context that we use. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  awsRequestId: string;
  functionName: string;
  invokedFunctionArn?: string;
  getRemainingTimeInMillis(): number;
}

/** What the work of a function is given beside its event. */
export interface Invocation {
  logger: Logger;
  metrics: Metrics;
  /** The alias by which the function was invoked, which says who did so; undefined for none. */
  alias: string | undefined;
  /** Fires shortly before Lambda would end the function, with the error that it was given to raise. */
  signal: AbortSignal;
}

export interface LambdaFunction<Schema extends GenericSchema, Result> {
  name: string;
  event: Schema;
  /** Ids that every line of the log contains. */
  ids: (event: InferOutput<Schema>) => Record<string, string>;
  /** What is raised when the time runs out. */
  outOfTime: HoldfastError;
  work: (event: InferOutput<Schema>, invocation: Invocation) => Promise<Result>;
}

/** What is left for cleaning up and answering when the signal fires, in milliseconds. */
const marginMs = 20_000;

/**
 * Makes a handler of a piece of work: parses the event, logs in JSON with ids and without secrets, traces, sends
 * metrics, and rethrows errors under their stable names, by which Step Functions tells them apart. The message of an
 * error ends up in the history of an execution, so it is masked, too.
 */
export function lambdaFunction<const Schema extends GenericSchema, Result>(
  definition: LambdaFunction<Schema, Result>,
): (event: unknown, context: LambdaContext) => Promise<Result> {
  const { name, ids, outOfTime, work } = definition;
  const logger = new Logger({ serviceName: name, jsonReplacerFn: maskStrings });
  // The service is that of the deployment, by which its alarms look for the metrics: POWERTOOLS_SERVICE_NAME.
  const metrics = new Metrics({ namespace: 'Holdfast' });
  const tracer = new Tracer({ serviceName: name });
  return async (input, context) => {
    logger.resetKeys();
    logger.appendKeys({ function_request_id: context.awsRequestId });
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(outOfTime),
      Math.max(0, context.getRemainingTimeInMillis() - marginMs),
    );
    const segment = tracer.isTracingEnabled() ? tracer.getSegment() : undefined;
    const subsegment = segment?.addNewSubsegment(`## ${name}`);
    if (subsegment) tracer.setSegment(subsegment);
    try {
      const event = parse(definition.event, input, `the event for ${name}`);
      logger.appendKeys(ids(event));
      for (const [key, value] of Object.entries(ids(event))) tracer.putAnnotation(key, value);
      return await work(event, { logger, metrics, alias: aliasOf(context), signal: deadline.signal });
    } catch (error) {
      const raised = presentable(error);
      logger.error('failed', { code: raised.name, reason: raised.message, stack: stackOf(error) });
      subsegment?.addError(raised);
      throw raised;
    } finally {
      clearTimeout(timer);
      metrics.publishStoredMetrics();
      if (subsegment && segment) {
        subsegment.close();
        tracer.setSegment(segment);
      }
    }
  };
}

/** `arn:aws:lambda:<region>:<account>:function:<name>:<alias>` */
function aliasOf({ invokedFunctionArn = '' }: LambdaContext): string | undefined {
  return invokedFunctionArn.split(':')[7];
}

/** The error as Lambda may report it: its own name, its message without secrets. */
function presentable(error: unknown): Error {
  if (error instanceof HoldfastError)
    return new HoldfastError(error.code, mask(error.message), { advice: error.advice });
  const raised = new Error(mask(messageOf(error)));
  if (error instanceof Error) raised.name = error.name;
  return raised;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return mask(String(error));
  return mask(
    `${error.stack ?? error.message}${error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`}`,
  );
}

function maskStrings(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? mask(value) : value;
}
