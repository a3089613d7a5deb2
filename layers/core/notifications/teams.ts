import { printable } from '#core/runtime/printable.ts';
import type { Notice } from './notice.ts';

/**
 * What a message may have in bytes: 28 KB, less some room.
 * https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
const largest = 26_000;

const longestLine = 2_000;

const styles = { ok: 'good', warning: 'warning', critical: 'attention' };

/**
 * A notice as an adaptive card for a webhook of Teams' Workflows. What others have named stands in text runs, in which
 * Teams, unlike in text blocks, takes no Markdown and so makes no links; a card mentions only whom it lists.
 * https://adaptivecards.io/explorer/TextRun.html
 */
export function teamsMessage(notice: Notice): object {
  const lines = notice.text.trim().split('\n').map(shortened);
  let shown = lines.length;
  // The headline says the most, so it is the end that is left out.
  while (shown > 0 && bytesOf(messageOf(notice, lines, shown)) > largest) shown = Math.floor(shown * 0.9);
  const fits = messageOf(notice, lines, shown);
  if (bytesOf(fits) <= largest) return fits;
  return messageOf({ ...notice, page: undefined }, lines, 0);
}

function messageOf({ subject, severity, page }: Notice, lines: readonly string[], shown: number): object {
  const rest = shown < lines.length ? ['… The report has the rest.'] : [];
  const body = [
    runs([{ text: printable(subject).slice(0, 300), size: 'large', weight: 'bolder', color: styles[severity.level] }]),
    ...[...lines.slice(0, shown), ...rest].map((line) => runs([{ text: line === '' ? ' ' : line }])),
  ];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body,
          ...(page === undefined
            ? {}
            : { actions: [{ type: 'Action.OpenUrl', title: 'Page for people, for some hours', url: page }] }),
        },
      },
    ],
  };
}

function runs(inlines: readonly Record<string, string>[]): object {
  return {
    type: 'RichTextBlock',
    spacing: 'none',
    inlines: inlines.map((inline) => ({ type: 'TextRun', ...inline })),
  };
}

function shortened(line: string): string {
  const characters = Array.from(printable(line));
  return characters.length <= longestLine ? characters.join('') : `${characters.slice(0, longestLine).join('')}…`;
}

function bytesOf(message: object): number {
  return Buffer.byteLength(JSON.stringify(message));
}
