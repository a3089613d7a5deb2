import type { ShowFlags } from '../../commands/show/options.ts';
import type { ShowEvent } from '../../commands/show/events.ts';
import type { Context } from '../../context.ts';
import { count } from '../../format.ts';
import type { Shown } from '../kind.ts';

/** More refs than this are only counted, unless all are asked for. */
const refsShown = 20;

export function showRefs({ output }: Context, flags: ShowFlags, { snapshot: { manifest, content } }: Shown): void {
  const { git } = content;
  const refs = Object.entries(git?.refs ?? {});
  if (git) output.event<ShowEvent>({ event: 'refs', snapshot: manifest.snapshot, head: git.head, refs: git.refs });
  output.line(`${count(refs.length, 'ref')} in ${manifest.snapshot}; HEAD ${describeHead(git?.head)}`);
  const shown = flags.refs ? refs : refs.slice(0, refsShown);
  for (const [name, oid] of shown) output.result(`  ${oid}  ${name}`);
  if (shown.length < refs.length) output.line(`  and ${refs.length - shown.length} more; --refs shows all`);
}

function describeHead(head: { type: string; ref?: string; oid?: string } | undefined): string {
  if (head?.ref !== undefined)
    return head.type === 'unborn' ? `at ${head.ref}, which has no commit yet` : `at ${head.ref}`;
  return head?.oid === undefined ? 'unknown' : `at commit ${head.oid}`;
}
