import type { Context } from '../../context.ts';
import { lookInto } from '../../look-into.ts';
import type { CatFlags } from './options.ts';

export async function cat(context: Context, flags: CatFlags, typed: string, path: string): Promise<number> {
  const { verbs, shown } = await lookInto(context, 'cat', typed, flags.snapshot, flags.at);
  return verbs.cat(context, flags, shown, path);
}
