// docs/formats.md: the formats of reports, from the files that read them.

import path from 'node:path';
import { readFileSync, readdirSync } from 'node:fs';

import { PROJECT } from '../lib/paths.mjs';

const FOLDER = path.join(PROJECT, 'src', 'reports');
const ENTRY = /Format \{\s*name: "([^"]+)",\s*kind: Kind::(\w+)/g;

/** What a file says of itself: its first sentence, up to where it goes into detail. */
function about(text) {
  const lines = text.split('\n').map((line) => line.match(/^\/\/! ?(.*)$/)?.[1]);
  const comment = lines.slice(0, lines.indexOf(undefined)).join(' ');
  return comment.split(/\.(?: |$)|: | \(|; /)[0];
}

function formats() {
  const files = readdirSync(FOLDER, { recursive: true }).filter((name) => name.endsWith('.rs') && !/tests/.test(name));
  return files.flatMap((name) => {
    const text = readFileSync(path.join(FOLDER, name), 'utf8');
    return [...text.matchAll(ENTRY)].map(([, format, kind]) => ({ format, kind, about: about(text) }));
  });
}

function table(all, kind) {
  const rows = all.filter((each) => each.kind === kind).sort((one, other) => (one.format < other.format ? -1 : 1));
  return ['| `report-format` | read |', '|---|---|', ...rows.map((row) => `| \`${row.format}\` | ${row.about} |`)].join('\n');
}

/** The page. */
export async function files() {
  const all = formats();
  if (all.length === 0) throw new Error('no format was found in src/reports');
  const text = `<!-- Written by scripts/generate/formats.mjs. Do not edit. -->

# Report formats

A report is recognised by what is in it, never by its name: \`reports\` may name
files of several formats at once. \`report-format\` says which it is where that
is wanted. A report of tests that is given to \`lint\`, or the other way round,
is read for what it is.

## Of tests

${table(all, 'Test')}

## Of linters and compilers

${table(all, 'Lint')}
`;
  return { 'docs/formats.md': text };
}
