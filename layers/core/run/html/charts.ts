import { html, type Html } from './html.ts';

export interface Bar {
  /** What it stands for: a day, a run. */
  label: string;
  value: number;
  /** The value as people read it. */
  shown: string;
}

const [width, height] = [360, 72];

/** Bars side by side, the oldest first, drawn as SVG. @param id that no other chart of the page has */
export function barChart(id: string, title: string, bars: readonly Bar[]): Html {
  const largest = Math.max(1, ...bars.map(({ value }) => value));
  const step = width / Math.max(1, bars.length);
  const last = bars.at(-1);
  const described = `${bars.length} runs, the last: ${last?.shown ?? 'none'}; the most: ${bars.find(({ value }) => value === largest)?.shown ?? 'none'}`;
  return html`<figure>
    <figcaption>${title}; last run: ${last?.shown ?? 'none'}</figcaption>
    <svg
      role="img"
      aria-labelledby="${id}-title ${id}-desc"
      viewBox="0 0 ${width} ${height}"
      width="${width}"
      height="${height}"
    >
      <title id="${id}-title">${title}</title>
      <desc id="${id}-desc">${described}</desc>
      <line class="axis" x1="0" y1="${height - 0.5}" x2="${width}" y2="${height - 0.5}" />
      ${bars.map(({ label, value, shown }, at) => {
        const tall = Math.max(value > 0 ? 2 : 0, Math.round((value / largest) * (height - 4)));
        return html`<rect
          class="bar"
          x="${(at * step + step * 0.1).toFixed(1)}"
          y="${height - 1 - tall}"
          width="${(step * 0.8).toFixed(1)}"
          height="${tall}"
        >
          <title>${label}: ${shown}</title>
        </rect>`;
      })}
    </svg>
  </figure>`;
}
