import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** What an attribute can hold here: what JSON can, without null. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain | undefined };

/** An item as the rest of the program sees it. */
export type PlainItem = Readonly<Record<string, Plain | undefined>>;

/** Numbers become numbers: a TTL that is written as a string never expires. What is undefined is left out. */
export function toAttribute(value: Plain): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isList(value)) return { L: value.map(toAttribute) };
  return { M: toAttributes(value) };
}

export function toAttributes(item: PlainItem): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(item)) if (value !== undefined) attributes[name] = toAttribute(value);
  return attributes;
}

/** Attributes of kinds that nothing here writes are left out. */
export function fromAttributes(attributes: Readonly<Record<string, AttributeValue>>): Record<string, Plain> {
  const item: Record<string, Plain> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = fromAttribute(attribute);
    if (value !== undefined) item[name] = value;
  }
  return item;
}

function fromAttribute({ S, N, BOOL, L, M }: AttributeValue): Plain | undefined {
  if (N !== undefined) return Number(N);
  if (L) return L.map(fromAttribute).filter((value) => value !== undefined);
  if (M) return fromAttributes(M);
  return S ?? BOOL;
}

/** Array.isArray forgets that an array may be read-only. */
function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}
