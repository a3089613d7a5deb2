import { storedObjects } from '#core/lfs/stored-objects.ts';
import type { ShowFlags } from '../../commands/show/options.ts';
import type { ShowEvent } from '../../commands/show/events.ts';
import type { Context } from '../../context.ts';
import { count, formatBytes } from '../../format.ts';
import type { Shown } from '../kind.ts';

/** So many objects are listed; `ls` has them all. */
const objectsShown = 20;

export function showObjects({ output }: Context, _flags: ShowFlags, { snapshot }: Shown): void {
  const id = snapshot.manifest.snapshot;
  const { content } = snapshot;
  const objects = Array.from(storedObjects(content).values(), ({ name, bytes }) => ({ oid: name, bytes }));
  const missing = content.lfs?.missing ?? [];
  output.event<ShowEvent>({ event: 'objects', snapshot: id, objects, missing });
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
  output.line(`${count(objects.length, 'object')} of Git LFS in ${id}, ${formatBytes(bytes)}`);
  for (const object of objects.slice(0, objectsShown)) output.result(`  ${object.oid}  ${formatBytes(object.bytes)}`);
  if (objects.length > objectsShown) output.line(`  and ${objects.length - objectsShown} more; holdfast ls lists them`);
  if (missing.length > 0) output.line(`  ${count(missing.length, 'object')} named and not stored:`);
}
