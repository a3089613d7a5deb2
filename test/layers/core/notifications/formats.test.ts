import { expect } from 'chai';
import * as v from 'valibot';
import { jsonMessage } from '#core/notifications/json.ts';
import type { Notice } from '#core/notifications/notice.ts';
import { slackMessage } from '#core/notifications/slack.ts';
import { teamsMessage } from '#core/notifications/teams.ts';

/** What people give to things so that others press, see or hear something. */
const hostile = [
  '<!channel> <!here> <@U012AB3CD> <!subteam^S01>',
  '<https://evil.example|your bank>',
  '[click me](https://evil.example)',
  '<at>everyone</at>',
  '**bold** _it_ `code` ~~no~~ # head',
  'a \u202e\u0007 b & c',
];

const notice = (text: string, more: Partial<Notice> = {}): Notice => ({
  kind: 'run',
  id: '2026-11-30T120000.000Z',
  source: 'github',
  severity: { level: 'warning', why: '1 of 20 items have no backup from this run, 5%' },
  subject: 'Holdfast: the backup of github is PARTIAL, 1 of 20 failed',
  text,
  details: { result: 'partial' },
  ...more,
});

const textObject = v.object({ type: v.picklist(['plain_text', 'mrkdwn']), text: v.string() });
const slack = v.looseObject({
  text: v.string(),
  blocks: v.array(v.object({ type: v.picklist(['header', 'section']), text: textObject })),
});
const inline = v.looseObject({ type: v.literal('TextRun'), text: v.string() });
const teams = v.strictObject({
  type: v.literal('message'),
  attachments: v.tuple([
    v.strictObject({
      contentType: v.literal('application/vnd.microsoft.card.adaptive'),
      content: v.looseObject({
        type: v.literal('AdaptiveCard'),
        version: v.string(),
        body: v.array(v.looseObject({ type: v.literal('RichTextBlock'), inlines: v.array(inline) })),
        actions: v.optional(v.array(v.looseObject({ url: v.string() }))),
      }),
    }),
  ]),
});

const cardOf = (of: Notice) => v.parse(teams, teamsMessage(of)).attachments[0].content;

describe('a notification for Slack', () => {
  it('lets no name mention anyone, format anything or make a link', () => {
    const { text, blocks } = v.parse(slack, slackMessage(notice(hostile.join('\n'), { subject: hostile[0] ?? '' })));
    for (const { text: shown } of [...blocks, { text: { type: 'plain_text', text } }]) {
      expect(shown.type).to.equal('plain_text');
      // eslint-disable-next-line no-control-regex -- that is what must not be there
      expect(shown.text).not.to.match(/[<>\u202e\u0007]|&(?!amp;|lt;|gt;)/);
    }
    expect(blocks.map((block) => block.text.text).join('\n'))
      .to.include('&lt;!channel&gt;')
      .and.include('b &amp; c');
  });

  it('stays within what Slack takes, however long the text, and breaks no escape', () => {
    for (const text of ['&'.repeat(10_000), 'line < \u{1f600}\n'.repeat(9_000), '🙂'.repeat(5_000), 'x'.repeat(3000)]) {
      const { blocks } = v.parse(slack, slackMessage(notice(text, { subject: text.slice(0, 400) })));
      expect(blocks.length).to.be.within(2, 50);
      for (const { type, text: shown } of blocks) {
        expect(shown.text.length).to.be.within(1, type === 'header' ? 150 : 3000);
        expect(shown.text).not.to.match(/&(?!amp;|lt;|gt;)|[\ud800-\udbff](?![\udc00-\udfff])/);
      }
    }
  });

  it('links to the page, and to nothing else', () => {
    const page = 'https://vault.example/report.html?X-Amz-Signature=1&X-Amz-Expires=43200';
    const { blocks } = v.parse(slack, slackMessage(notice('all well', { page })));
    expect(blocks.filter(({ text }) => text.type === 'mrkdwn').map(({ text }) => text.text)).to.deep.equal([
      `<${page.replace('&', '&amp;')}|Page for people, for some hours>`,
    ]);
    expect(slackMessage(notice('all well', { page }))).to.include({ unfurl_links: false });
  });
});

describe('a notification for Teams', () => {
  it('is a card of plain text alone, in which no name makes a link or a mention', () => {
    const { body, actions } = cardOf(notice(hostile.join('\n')));
    expect(actions).to.equal(undefined);
    const lines = body.map(({ inlines }) => inlines.map(({ text }) => text).join(''));
    expect(lines).to.include('[click me](https://evil.example)').and.include('a \\u202e\\x07 b & c');
  });

  it('stays within 28 KB, however long the text, and keeps its beginning', () => {
    for (const text of ['x'.repeat(50_000), 'wide \u{1f600}\n'.repeat(9_000), '"\\'.repeat(20_000)]) {
      const message = teamsMessage(notice(`first\n${text}`, { page: 'https://vault.example/p' }));
      expect(Buffer.byteLength(JSON.stringify(message))).to.be.below(28_000);
      expect(cardOf(notice(`first\n${text}`)).body[1]?.inlines[0]?.text).to.equal('first');
    }
  });

  it('opens the page by a button', () => {
    const page = 'https://vault.example/report.html?X=1&Y=2';
    expect(cardOf(notice('all well', { page })).actions).to.have.length(1);
    expect(cardOf(notice('all well', { page })).actions?.[0]?.url).to.equal(page);
  });
});

describe('a notification as JSON', () => {
  it('says the same to programs', () => {
    expect(jsonMessage(notice('text\n', { page: 'https://vault.example/p' }))).to.deep.equal({
      format: 1,
      kind: 'run',
      id: '2026-11-30T120000.000Z',
      source: 'github',
      severity: { level: 'warning', why: '1 of 20 items have no backup from this run, 5%' },
      subject: 'Holdfast: the backup of github is PARTIAL, 1 of 20 failed',
      text: 'text\n',
      page: 'https://vault.example/p',
      result: 'partial',
    });
  });
});
