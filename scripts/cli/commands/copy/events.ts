import { event, text, texts, type EventOf } from '../../events/event.ts';
import { refusedRefs } from '../../events/fields.ts';

const outcome = {
  to: text('the target'),
  copied: texts('refs that the target now has as the source has them, or would get'),
  unchanged: texts('refs that it had already'),
  refused: refusedRefs,
  said: texts('what the target said, line by line'),
  kept: texts('refs of the target that the source does not have; they stay'),
};

export const copyEvents = [
  event('copied', 'what became of each ref', outcome),
  event('would-copy', 'what would become of each ref, with --dry-run', outcome),
] as const;

export type CopyEvent = EventOf<typeof copyEvents>;
