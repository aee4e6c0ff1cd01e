// The rehearsal as one page of HTML that needs nothing else.

import { stripVTControlCharacters } from 'node:util';

import { placeOf } from './show.mjs';

const escape = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

const STYLE = `
:root { color-scheme: light dark; --line: #d1d9e0; --soft: #f6f8fa; --faint: #59636e;
  --red: #d1242f; --yellow: #9a6700; --blue: #0969da; --green: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --faint: #9198a1;
  --red: #f85149; --yellow: #d29922; --blue: #4493f8; --green: #3fb950; } }
body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif;
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
section { margin: 2.5rem 0; } a { color: var(--blue); }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .35rem .8rem; text-align: left; vertical-align: top; }
th { font-weight: 600; } tr:nth-child(2n) td { background: var(--soft); }
code, pre { font: 12px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--soft); padding: .15em .35em; border-radius: 4px; }
pre { background: var(--soft); padding: 1rem; border-radius: 6px; overflow: auto; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
details { margin: .8rem 0; } summary { cursor: pointer; }
.summary { border: 1px solid var(--line); border-radius: 6px; padding: .5rem 1.5rem 1rem; }
.annotation { border-left: 4px solid; padding: .3rem .8rem; margin: .5rem 0; background: var(--soft);
  white-space: pre-wrap; }
.error { border-color: var(--red); } .warning { border-color: var(--yellow); } .notice { border-color: var(--blue); }
.place { font-weight: 600; } .faint { color: var(--faint); }
`;

function annotation(each) {
  const place = placeOf(each);
  const title = each.title ? ` <span class="faint">${escape(each.title)}</span>` : '';
  const head = `<span class="place">${escape(place || 'the run')}</span>${title}`;
  return `<div class="annotation ${each.level}">${head}\n${escape(each.message)}</div>`;
}

const table = (head, rows) => {
  const row = (cells, name) => `<tr>${cells.map((cell) => `<${name}>${cell}</${name}>`).join('')}</tr>`;
  return `<table>${row(head, 'th')}${rows
    .map((cells) =>
      row(
        cells.map((cell) => `<code>${escape(cell)}</code>`),
        'td',
      ),
    )
    .join('')}</table>`;
};

function part({ title, result, events, log }, marked) {
  const summary = marked ? marked.parse(result.summary, { gfm: true }) : `<pre>${escape(result.summary)}</pre>`;
  const outputs = Object.entries(result.outputs).filter(([, value]) => value !== '');
  return `<section>
<h2>${escape(title)}</h2>
<div class="summary">${summary}</div>
<h3>Annotations</h3>
${result.annotations.map(annotation).join('\n')}
<details><summary>Log</summary><pre>${escape(stripVTControlCharacters(log.join('\n')))}</pre></details>
<details><summary>Outputs</summary>${table(['output', 'value'], outputs)}</details>
<details><summary>Ledger</summary>${table(
    ['event', 'time', 'message'],
    events.map((event) => [event.eventType, event.timestamp, event.message]),
  )}</details>
</section>`;
}

/** The page of these steps: `{title, result, events, log}`. */
export function page(steps, marked) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Waybill: a rehearsal</title>
<style>${STYLE}</style>
<h1>A rehearsal on <code>examples/shop</code></h1>
<p>What GitHub would show of each step: the summary, the annotations, the log, the outputs and the job's ledger.</p>
${steps.map((step) => part(step, marked)).join('\n')}
</html>
`;
}
