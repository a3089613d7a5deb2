import { printable } from '#core/runtime/printable.ts';
import type { Notice } from './notice.ts';

/**
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 * https://docs.slack.dev/reference/block-kit/blocks/header-block
 */
const longest = { section: 3000, header: 150 };

/** Of the 50 blocks that a message may have: as much as a person reads, and room for headline and link. */
const mostSections = 10;

const symbols = { ok: '🟢', warning: '🟡', critical: '🔴' };

/**
 * A notice as the body of an incoming webhook of Slack. What others have named is plain text, which Slack searches neither
 * for formatting nor for mentions, and its control characters are escaped besides.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function slackMessage({ subject, text, severity, page }: Notice): object {
  const headline = `${symbols[severity.level]} ${subject}`;
  const sections = sectionsOf(text);
  const shown = sections.slice(0, mostSections);
  if (shown.length < sections.length) shown.push('… The report has the rest.');
  return {
    text: escaped(headline),
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    // Else Slack itself opens the link to the page.
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(fitting(headline, longest.header)) },
      ...shown.map((section) => ({ type: 'section', text: plain(section) })),
      ...(page === undefined ? [] : linkTo(page)),
    ],
  };
}

function linkTo(page: string): object[] {
  const link = `<${escaped(page.replaceAll('|', '%7C'))}|Page for people, for some hours>`;
  return link.length > longest.section
    ? []
    : [{ type: 'section', text: { type: 'mrkdwn', text: link, verbatim: true } }];
}

function plain(text: string): object {
  return { type: 'plain_text', text, emoji: false };
}

function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The text in pieces that fit, each of whole lines; a line that alone does not fit is cut. */
function sectionsOf(text: string): string[] {
  const sections: string[] = [];
  let section = '';
  for (const line of text.trim().split('\n')) {
    const whole = fitting(line, longest.section);
    if (section !== '' && section.length + 1 + whole.length > longest.section) {
      sections.push(section);
      section = '';
    }
    section = section === '' ? whole : `${section}\n${whole}`;
  }
  return [...sections, section].filter((one) => one.trim() !== '');
}

/** A line as it is sent, cut between characters so that it fits. */
function fitting(line: string, length: number): string {
  const whole = escaped(line);
  if (whole.length <= length) return whole;
  let cut = '';
  for (const character of line) {
    const next = escaped(character);
    if (cut.length + next.length > length - 1) break;
    cut += next;
  }
  return `${cut}…`;
}
