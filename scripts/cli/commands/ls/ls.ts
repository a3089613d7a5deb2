import type { Context } from '../../context.ts';
import { lookInto } from '../../look-into.ts';
import type { LsFlags } from './options.ts';

export async function ls(context: Context, flags: LsFlags, typed: string, path = ''): Promise<number> {
  const { verbs, shown } = await lookInto(context, 'ls', typed, flags.snapshot, flags.at);
  return verbs.ls(context, flags, shown, path);
}
