/** Light, dark, and on paper; no font, image or script from anywhere. */
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --page: #fff; --good: #116329; --warn: #7d4e00; --bad: #a40e26; --bar: #0a69da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --page: #0d1117; --good: #56d364; --warn: #e3b341; --bad: #ff7b72; --bar: #58a6ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin-top: 1.5rem; }
a { color: var(--bar); }
.table { overflow-x: auto; } .table:focus-visible { outline: 2px solid var(--bar); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--faint); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); font-weight: normal; min-width: 5rem; }
thead th { font-weight: 600; white-space: nowrap; } td { font-variant-numeric: tabular-nums; }
.badge { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .875rem; color: var(--faint); }
svg { width: 100%; height: auto; } .bar { fill: var(--bar); } .axis { stroke: var(--line); }
code { font-size: .8125rem; } footer { margin-top: 3rem; color: var(--faint); font-size: .875rem; }
@media print {
  :root { --ink: #000; --faint: #333; --line: #999; --page: #fff; --good: #116329; --warn: #7d4e00; --bad: #a40e26; --bar: #333; }
  body { max-width: none; padding: 0; } tr, figure { break-inside: avoid; } .table { overflow: visible; } a { color: inherit; }
}
`;
