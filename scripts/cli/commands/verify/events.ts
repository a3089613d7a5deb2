import * as v from 'valibot';
import { event, number, text, type EventOf } from '../../events/event.ts';
import { address, problems, snapshot, source, verdict } from '../../events/fields.ts';

export const verifyEvents = [
  event('snapshot', 'a snapshot that was read', {
    address,
    snapshot,
    problems,
    bytes: number('bytes that were read'),
    verdict,
  }),
  event('damaged-claim', 'a claim that is damaged; no snapshot depends on it', { problem: text('what is wrong') }),
  event('missing', 'a snapshot that a run stored, and that was not removed by prune', {
    address,
    snapshot,
    report: text('the report that names it, below the vault'),
  }),
  event('chain', "what was found of the chain of a source's reports", {
    source,
    links: number('runs that are links of the chain'),
    unlinked: number('reports from before the chain, or of runs that could not extend it'),
    snapshots: number('snapshots that ought to be there'),
    unlisted: number('snapshots that came after the newest list'),
    roots: v.pipe(
      v.array(v.strictObject({ key: v.string(), sha256: v.string() })),
      v.description('the newest report, by whose digest all before is known; two where runs met'),
    ),
    problems: v.pipe(
      v.array(
        v.strictObject({
          what: v.picklist(['missing', 'changed', 'added', 'rolled-back']),
          key: v.string(),
          why: v.string(),
        }),
      ),
      v.description('what does not agree with the chain'),
    ),
  }),
  event('verified', 'what was found altogether', {
    snapshots: number('how many snapshots were read'),
    damaged: number('how many of them are damaged'),
    missing: number('how many snapshots are missing'),
    damagedClaims: number('how many claims are damaged'),
    chain: number('how much does not agree with the chains of reports'),
    bytes: number('bytes that were read'),
  }),
] as const;

export type VerifyEvent = EventOf<typeof verifyEvents>;
