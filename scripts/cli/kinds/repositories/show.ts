import type { ShowFlags } from '../../commands/show/command.ts';
import type { Context } from '../../context.ts';
import { count } from '../../format.ts';
import type { Shown } from '../kind.ts';

/** More refs than this are only counted, unless all are asked for. */
const refsShown = 20;

export function showRefs({ output }: Context, flags: ShowFlags, { snapshot: { manifest, content } }: Shown): void {
  const refs = Object.entries(content.git?.refs ?? {});
  output.event('refs', { snapshot: manifest.snapshot, head: content.git?.head, refs: content.git?.refs });
  output.line(`${count(refs.length, 'ref')} in ${manifest.snapshot}; HEAD ${describeHead(content.git?.head)}`);
  const shown = flags.refs ? refs : refs.slice(0, refsShown);
  for (const [name, oid] of shown) output.result(`  ${oid}  ${name}`);
  if (shown.length < refs.length) output.line(`  and ${refs.length - shown.length} more; --refs shows all`);
}

function describeHead(head: { type: string; ref?: string; oid?: string } | undefined): string {
  if (head?.ref !== undefined)
    return head.type === 'unborn' ? `at ${head.ref}, which has no commit yet` : `at ${head.ref}`;
  return head?.oid === undefined ? 'unknown' : `at commit ${head.oid}`;
}
