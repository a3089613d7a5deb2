import { viewOf, type RecordView } from '#core/records/browse/view.ts';
import { fileName } from './file-name.ts';
import type { Page } from './json-layout.ts';
import type { Thread } from './threads.ts';

/** A page of Markdown for a record and all that was said of it, in the order of time. */
export function markdownPage({ key, lines }: Thread): Page {
  const [folder = '', id] = key.split('/');
  const views = lines.map(viewOf);
  const own = views.find((view) => view.key === key);
  const said = views
    .filter((view) => view !== own && view.body !== undefined && view.type !== 'pull-request')
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  const title = own?.title ?? key;
  const record = lines.find((line) => line.key === key)?.record;
  const content = [
    `# ${title.replaceAll(/\s+/g, ' ')}`,
    own ? meta(own) : '',
    own?.body ?? (said.length > 0 ? '' : `\`\`\`json\n${JSON.stringify(record, null, 2)}\n\`\`\``),
    ...said.flatMap((view) => [`---`, meta(view), view.body ?? '']),
  ];
  const path =
    id === undefined ? [`${fileName(folder)}.md`] : [fileName(folder), `${fileName(decodeURIComponent(id))}.md`];
  return { path, content: `${content.filter((part) => part !== '').join('\n\n')}\n` };
}

function meta({ key, type, author, at, state, deleted }: RecordView): string {
  return [
    `*${type}*`,
    `\`${key}\``,
    ...(author === undefined ? [] : [`**${author}**`]),
    ...(at === undefined ? [] : [at]),
    ...(state === undefined ? [] : [state.toLowerCase()]),
    ...(deleted === undefined ? [] : [`deleted at its source, seen ${deleted}`]),
  ].join(' · ');
}
