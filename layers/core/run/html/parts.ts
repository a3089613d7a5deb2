import { html, type Html } from './html.ts';

/** Rows of a table that is not folded; the rest of a longer one is folded beneath it. */
export const rowsShown = 50;

export type Cell = Html | string;

/** A table whose rows beyond the first ones are folded away; nothing where there are none. */
export function folded(head: readonly string[], rows: readonly Cell[][], caption: string): Html | undefined {
  if (rows.length === 0) return undefined;
  if (rows.length <= rowsShown) return table(head, rows, caption);
  return html`${table(head, rows.slice(0, rowsShown), caption)}
    <details>
      <summary>${(rows.length - rowsShown).toLocaleString('en')} more</summary>
      ${table(head, rows.slice(rowsShown), `${caption}, the others`)}
    </details>`;
}

export function table(head: readonly string[], rows: readonly Cell[][], caption: string): Html {
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((one) => html`<th scope="col">${one}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...rest]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${rest.map((one) => html`<td>${one}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Read as a word, too, not seen as a colour alone. */
export function badge(kind: 'good' | 'warn' | 'bad', text: string): Html {
  return html`<span class="badge ${kind}">${text}</span>`;
}

/** A name that somebody else chose does not turn the order of what stands around it. */
export function name(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}
