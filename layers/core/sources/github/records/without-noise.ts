/**
 * A record without what moves by itself: of the users that GitHub embeds only who they are, since what their picture is
 * called says nothing of what they wrote, and none of the properties that are named.
 */
export function withoutNoise(value: unknown, names: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withoutNoise(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const isUser = 'login' in value && 'avatar_url' in value;
  const kept = Object.entries(value).filter(([name]) =>
    isUser ? name === 'login' || name === 'id' : !names.includes(name),
  );
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutNoise(one, names)]));
}
