import { expect } from 'chai';
import fc from 'fast-check';
import { printable, printableJson } from '#core/runtime/printable.ts';

/** What a terminal or a reader would take for something else than it is. */
const hostile: [what: string, text: string, shown: string][] = [
  ['a colour', '\u001b[8mhidden', '\\x1b[8mhidden'],
  ['a control sequence of one byte', '\u009b2J', '\\x9b2J'],
  ['a title', '\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['a carriage return', 'good\rbad', 'good\\x0dbad'],
  ['a backspace', 'a\bb', 'a\\x08b'],
  ['an override of direction', 'refs/heads/\u202etxt.exe', 'refs/heads/\\u202etxt.exe'],
  ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
  ['an Arabic letter mark', '\u061cx', '\\u061cx'],
  ['a space of no width', 'ma\u200bin', 'ma\\u200bin'],
  ['a joiner of no width', 'ma\u200din', 'ma\\u200din'],
  ['a byte order mark', '\ufeffmain', '\\ufeffmain'],
  ['a soft hyphen', 'ma\u00adin', 'ma\\xadin'],
  ['a Hangul filler', 'ma\u3164in', 'ma\\u3164in'],
  ['a tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['a separator of lines', 'a\u2028b', 'a\\u2028b'],
  ['half a character', 'a\ud800b', 'a\\ud800b'],
];

describe('text that came from elsewhere', () => {
  for (const [what, text, shown] of hostile)
    it(`shows ${what} as an escape, and in JSON keeps it`, () => {
      expect(printable(text)).to.equal(shown);
      expect(JSON.parse(printableJson({ text }))).to.deep.equal({ text });
      expect(printableJson({ text })).to.match(/^[\x20-\x7e]*$/);
    });

  it('stays as it is where all of it is seen', () => {
    for (const text of ['plain', 'zwei\nZeilen', 'Grüße, 日本語, العربية, עברית', '👍🏽 ❤️'])
      expect(printable(text)).to.equal(text);
  });

  it('never holds a control character, and as JSON is always the same data', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text).replaceAll('\n', '')).not.to.match(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(JSON.parse(printableJson(text))).to.equal(text);
      }),
    );
  });
});
