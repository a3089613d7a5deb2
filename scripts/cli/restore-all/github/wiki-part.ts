import { refMatcher } from '#core/git/refs.ts';
import { repositoryContent } from '#core/repositories/restore/content.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { pushTo, standingAt } from '../places/server-place.ts';
import type { Chosen, Planned } from '../plan.ts';
import type { Part, PartRequest } from './part.ts';

/** The wiki, where GitHub has one already: it makes it with its first page, which is written in the browser. */
export async function planWiki(request: PartRequest, item: Chosen): Promise<Part> {
  const { context, places, repository, exists } = request;
  const { address, entry } = item;
  const content = await repositoryContent(new Catalogue(context.vault), entry.item, entry.snapshot);
  const base: Omit<Planned, 'foreseen'> = { address, snapshot: entry.snapshot, items: 1, bytes: 0 };
  const refused = places.refuses(item, content);
  const without = (
    why: { message: string; advice?: string | undefined } = refused ?? { message: 'not there' },
  ): Part => ({
    planned: { ...base, foreseen: 'left-out', why: { code: 'LeftOut', ...why } },
    creations: 0,
  });
  const standing = exists && content.refs.size > 0 ? await standingAt(places.wikiOf(repository)) : undefined;
  if (!standing) return without();
  const target = places.wikiOf(repository);
  const isHidden = refMatcher(target.hidden);
  const to = target.transport.address;
  if ([...content.refs].every(([name, oid]) => isHidden(name) || standing.refs.get(name) === oid))
    return { planned: { ...base, to, foreseen: 'there' }, creations: 0 };
  const isMarked = [...standing.refs.keys()].some((name) => name.startsWith('refs/tags/holdfast-restore-'));
  if (standing.refs.size > 0 && !isMarked)
    return without({ message: `${to} has pages already`, advice: refused?.advice });
  return {
    planned: { ...base, to, bytes: content.data.reduce((sum, { bytes }) => sum + bytes, 0), foreseen: 'content' },
    creations: 0,
    run: async (sent) => {
      const transfer = { signal: context.signal, onProgress: sent, onPhase: () => undefined };
      const { refused: refs } = await pushTo(context.vault, target, content, transfer);
      const [first] = refs;
      return first
        ? { outcome: 'failed', code: 'RemoteRefused', message: `${first.name}: ${first.reason}` }
        : { outcome: 'restored' };
    },
  };
}
