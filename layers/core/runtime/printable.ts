/**
 * Characters that do something to a terminal or to the order of a line instead of showing in it: controls (escape
 * sequences begin with one), marks of direction, everything of no width, separators of lines, halves of characters.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing and "Default_Ignorable_Code_Point" of
 * https://www.unicode.org/reports/tr44/
 */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

/** Default_Ignorable too, but seen: they choose how the emoji before them looks, and do no harm. */
const variationSelectors = /^[\ufe00-\ufe0f]$/;

/**
 * Text that came from elsewhere (a name, a server's answer), fit for a terminal, a log or a page: what would not be seen
 * in it is written as an escape, `\x1b` or `\u202e`. Lines stay lines.
 */
export function printable(text: string): string {
  return text.replace(unseen, (character) =>
    character === '\n' || variationSelectors.test(character) ? character : escaped(character),
  );
}

/** JSON with all characters escaped that `printable` would not let through: the data are the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(unseen, (character) =>
    Array.from({ length: character.length }, (_, at) => unit(character.charCodeAt(at))).join(''),
  );
}

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point > 0xffff) return `\\u{${point.toString(16)}}`;
  return point < 0x100 ? `\\x${point.toString(16).padStart(2, '0')}` : unit(point);
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
