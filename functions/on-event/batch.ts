import { array, object, string, type GenericSchema, type InferOutput } from 'valibot';
import { messageOf } from '#core/runtime/errors.ts';
import type { Invocation } from '#core/runtime/lambda-function.ts';
import { parseJson } from '#core/runtime/schema.ts';

const messageSchema = object({ messageId: string(), body: string() });

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
export const batchSchema = object({ Records: array(messageSchema) });

export type Message = InferOutput<typeof messageSchema>;

/**
 * Reads the events of a batch. What is not an event of the source fails, and so ends in the dead-letter queue, where an
 * operator looks at it.
 */
export function readEvents<const Schema extends GenericSchema>(
  schema: Schema,
  messages: readonly Message[],
  { logger }: Invocation,
): { events: { key: string; event: InferOutput<Schema> }[]; failed: string[] } {
  const events: { key: string; event: InferOutput<Schema> }[] = [];
  const failed: string[] = [];
  for (const { messageId, body } of messages) {
    try {
      events.push({ key: messageId, event: parseJson(schema, body, 'the event', 'Usage') });
    } catch (error) {
      logger.error('no event of this source', { messageId, reason: messageOf(error) });
      failed.push(messageId);
    }
  }
  return { events, failed };
}
