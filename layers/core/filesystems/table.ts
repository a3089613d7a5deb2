import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { fromAttributes, toAttribute, toAttributes, type Plain, type PlainItem } from './attributes.ts';

/** What must hold of the item that is there, so that it may be written. All of them must. */
export type Condition =
  /** The attribute has one of these values. */
  | { attribute: string; in: readonly (string | number)[] }
  | { attribute: string; absent: true }
  | { attribute: string; absentOr: string }
  /** Absent, or sorting before this. */
  | { attribute: string; absentOrBefore: string };

/** The part of DynamoDB that is used: items by one key, every write with its condition. */
export interface Table {
  /** Consistent: what was written before is seen. */
  get(key: string): Promise<PlainItem | undefined>;
  /** False where the condition did not hold; then nothing was written. */
  put(item: PlainItem & { readonly BackupId: string }, conditions: readonly Condition[]): Promise<boolean>;
  /**
   * Sets attributes, and removes those that are undefined.
   * @returns the item as it is now; undefined where the condition did not hold
   */
  update(key: string, changes: PlainItem, conditions: readonly Condition[]): Promise<PlainItem | undefined>;
  remove(key: string, conditions: readonly Condition[]): Promise<boolean>;
  all(): AsyncIterable<PlainItem>;
  close(): void;
}

/** A table of DynamoDB whose key is the string `BackupId`. */
export async function openTable(name: string): Promise<Table> {
  const { DeleteItemCommand, DynamoDBClient, GetItemCommand, paginateScan, PutItemCommand, UpdateItemCommand } =
    await import('@aws-sdk/client-dynamodb');
  const client: DynamoDBClient = new DynamoDBClient(awsConfig());
  const at = (key: string) => ({ TableName: name, Key: { BackupId: { S: key } } });
  return {
    get: (key) =>
      ask(name, async () => {
        const { Item } = await client.send(new GetItemCommand({ ...at(key), ConsistentRead: true }));
        return Item && fromAttributes(Item);
      }),
    put: (item, conditions) =>
      ask(name, async () => {
        const { ConditionExpression, ...said } = expressionOf(conditions);
        return held(
          client.send(
            new PutItemCommand({ TableName: name, Item: toAttributes(item), ConditionExpression, ...said.given }),
          ),
        ).then((answer) => answer !== undefined);
      }),
    update: (key, changes, conditions) =>
      ask(name, async () => {
        const { ConditionExpression, given } = expressionOf(conditions, changes);
        const answer = await held(
          client.send(
            new UpdateItemCommand({
              ...at(key),
              UpdateExpression: updateOf(changes),
              ConditionExpression,
              ...given,
              ReturnValues: 'ALL_NEW',
            }),
          ),
        );
        return answer?.Attributes && fromAttributes(answer.Attributes);
      }),
    remove: (key, conditions) =>
      ask(name, async () => {
        const { ConditionExpression, given } = expressionOf(conditions);
        const answer = await held(client.send(new DeleteItemCommand({ ...at(key), ConditionExpression, ...given })));
        return answer !== undefined;
      }),
    async *all() {
      for await (const { Items } of paginateScan({ client }, { TableName: name, ConsistentRead: true }))
        for (const item of Items ?? []) yield fromAttributes(item);
    },
    close: () => client.destroy(),
  };
}

interface Expression {
  ConditionExpression: string | undefined;
  given: {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

/** Names and values always by placeholders: many plain words are reserved by DynamoDB. */
function expressionOf(conditions: readonly Condition[], changes: PlainItem = {}): Expression {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const give = (at: string, value: Plain): string => {
    values[`:${at}`] = toAttribute(value);
    return `:${at}`;
  };
  for (const [attribute, value] of Object.entries(changes)) {
    names[`#${attribute}`] = attribute;
    if (value !== undefined) give(attribute, value);
  }
  const clauses = conditions.map((condition, at) => {
    const name = `#${condition.attribute}`;
    names[name] = condition.attribute;
    if ('in' in condition)
      return `${name} IN (${condition.in.map((value, of) => give(`c${at}_${of}`, value)).join(', ')})`;
    if ('absent' in condition) return `attribute_not_exists(${name})`;
    return 'absentOr' in condition
      ? `(attribute_not_exists(${name}) OR ${name} = ${give(`c${at}`, condition.absentOr)})`
      : `(attribute_not_exists(${name}) OR ${name} < ${give(`c${at}`, condition.absentOrBefore)})`;
  });
  return {
    ConditionExpression: clauses.length === 0 ? undefined : clauses.join(' AND '),
    given: {
      ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
    },
  };
}

function updateOf(changes: PlainItem): string {
  const set = Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [`#${name} = :${name}`]));
  const removed = Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [`#${name}`] : []));
  return [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
  ].join(' ');
}

/** Undefined where the condition did not hold. */
async function held<T>(writing: Promise<T>): Promise<T | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}

async function ask<T>(table: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw awsError(error, `the table ${table} cannot be read or written`);
  }
}
