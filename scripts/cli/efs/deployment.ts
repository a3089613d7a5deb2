import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { startAnswerSchema, type StartAnswer, type StartMessage } from '#core/filesystems/messages.ts';
import { findFileSystem, parseFileSystems, type FileSystemSettings } from '#core/filesystems/settings.ts';
import { openTable, type Table } from '#core/filesystems/table.ts';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';

export interface EfsFlags {
  deployment: string;
}

/** EFS as it is deployed, by what the orchestrator's own environment says. */
export interface EfsDeployment {
  fileSystems: FileSystemSettings[];
  table: Table;
  /** The bucket of results, logs and copies of manifests. */
  logs: string;
  start(message: StartMessage): Promise<StartAnswer>;
}

/** The alias by which everybody invokes a function of a deployment. */
const alias = 'live';

/** A function answers when it has ended, and none runs longer, in milliseconds. */
const longestFunctionMs = 900_000;

/** @throws {HoldfastError} NotFound, AccessDenied, Unavailable */
export async function openEfs({ deployment }: EfsFlags): Promise<EfsDeployment> {
  const name = `${deployment}-efs-orchestrator`;
  const client = new LambdaClient(awsConfig({}, { answerMs: longestFunctionMs }));
  const { Environment } = await ask(name, () =>
    client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: alias })),
  );
  const settings = readConfiguration(
    ['HOLDFAST_EFS_TABLE', 'HOLDFAST_EFS_LOGS', 'HOLDFAST_EFS_FILE_SYSTEMS'],
    Environment?.Variables ?? {},
  );
  return {
    fileSystems: parseFileSystems(settings.HOLDFAST_EFS_FILE_SYSTEMS),
    table: await openTable(settings.HOLDFAST_EFS_TABLE),
    logs: settings.HOLDFAST_EFS_LOGS,
    start: async (message) => {
      const { FunctionError, Payload } = await ask(name, () =>
        client.send(new InvokeCommand({ FunctionName: name, Qualifier: alias, Payload: JSON.stringify(message) })),
      );
      const text = Buffer.from(Payload ?? []).toString('utf8');
      if (FunctionError !== undefined) throw failureOf(name, text);
      return parseJson(startAnswerSchema, text, `the answer of ${name}`, 'ProtocolViolation');
    },
  };
}

/**
 * The file system that a person means by `efs/<name>`.
 * @throws {HoldfastError} Usage, NotFound
 */
export function fileSystemOf({ fileSystems }: EfsDeployment, typed: string): FileSystemSettings {
  const name = typed.startsWith('efs/') ? typed.slice('efs/'.length) : '';
  if (name !== '') return findFileSystem(fileSystems, name);
  throw new HoldfastError('Usage', 'name a file system, such as efs/files', {
    advice: `There is ${fileSystems.map((fileSystem) => `efs/${fileSystem.name}`).join(', ') || 'none'}.`,
  });
}

const failureSchema = v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) });

function failureOf(name: string, text: string): HoldfastError {
  const { errorType, errorMessage = 'no reason given' } = parseJson(failureSchema, text, name, 'ProtocolViolation');
  if (errorType === 'Usage') return new HoldfastError('Usage', errorMessage);
  return new HoldfastError('Unavailable', `${name} failed: ${errorType ?? ''} ${errorMessage}`, {
    advice: `Its log is /aws/lambda/${name} in CloudWatch.`,
  });
}

async function ask<T>(name: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const named = error instanceof Error ? error.name : '';
    if (named === 'ResourceNotFoundException')
      throw new HoldfastError('NotFound', `there is no function ${name} in this account and region`, {
        cause: error,
        advice: 'Check AWS_PROFILE and AWS_REGION, and name the deployment by --deployment.',
      });
    throw awsError(error, name);
  }
}
