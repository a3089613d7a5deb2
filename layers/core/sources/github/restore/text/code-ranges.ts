import { parse, postprocess, preprocess } from 'micromark';
import { gfmTable } from 'micromark-extension-gfm-table';

/** What Markdown shows as code, by the names of micromark. */
const code = ['codeText', 'codeFenced', 'codeIndented'];

/**
 * The parts of a Markdown text that are code, from where to where. Where code ends takes all of Markdown to know: HTML, lists,
 * quotes and tables decide it.
 */
export function codeRanges(markdown: string): [from: number, to: number][] {
  const chunks = preprocess()(markdown, 'utf8', true);
  const events = postprocess(
    parse({ extensions: [gfmTable()] })
      .document()
      .write(chunks),
  );
  const ranges: [number, number][] = [];
  for (const [kind, { type, start, end }] of events)
    if (kind === 'enter' && code.includes(type)) ranges.push([start.offset, end.offset]);
  return ranges.sort(([a], [b]) => a - b);
}
