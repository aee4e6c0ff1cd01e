// A step as text, to be compared to the byte with what was once looked at and
// found right. What differs from run to run is replaced by a word.
//
//   WAYBILL_UPDATE=1 node --test tests/node/transcripts.test.mjs     writes them anew

import assert from 'node:assert/strict';
import path from 'node:path';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { PROJECT } from '../../scripts/lib/paths.mjs';

const FOLDER = fileURLToPath(new URL('./transcripts/', import.meta.url));
const update = process.env.WAYBILL_UPDATE === '1';

/** Words for what is new in every run; the same value gets the same word. */
function placeholders(text, { workspace, temp }) {
  const numbered = (kind) => {
    const words = new Map();
    return (value) => {
      if (!words.has(value)) words.set(value, `<${kind} ${words.size + 1}>`);
      return words.get(value);
    };
  };
  const slashed = (file) => file.replaceAll('\\', '/');
  let plain = text;
  const places = [
    [workspace, '<workspace>'],
    [temp, '<temp>'],
    [path.dirname(temp), '<step>'],
    [PROJECT, '<action>'],
  ];
  for (const [file, word] of places) plain = plain.replaceAll(file, word).replaceAll(slashed(file), word);
  return plain
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<time>')
    .replace(/\b\d\d:\d\d:\d\d\.\d{3}\b/g, '<time>')
    .replace(/ghadelimiter_[0-9a-f-]{36}\b/g, numbered('delimiter'))
    .replace(/\b[0-9a-f]{64}\b/g, numbered('hash'))
    .replace(/\b[0-9a-f]{40}\b/g, numbered('commit'))
    .replace(/\b[0-9a-f]{32}\b/g, numbered('token'))
    .replace(/\bin \d+(\.\d+)? ?(ms|s|min)\b/g, 'in <duration>');
}

function files(where, below = '') {
  return readdirSync(path.join(where, below), { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.posix.join(below, entry.name);
      return entry.isDirectory() ? files(where, name) : [name];
    })
    .sort();
}

/** Everything of a step that somebody could see, in a fixed order. */
export function transcriptOf(workspace, result) {
  const state = path.join(workspace, '.waybill');
  const ledgers = existsSync(state) ? files(state).filter((name) => name.endsWith('.jsonl')) : [];
  const parts = [
    ['printed', result.stdout.toString()],
    ['on standard error', result.stderr.toString()],
    ['written to GITHUB_OUTPUT', result.written.OUTPUT],
    ['written to GITHUB_STATE', result.written.STATE],
    ['written to GITHUB_ENV', result.written.ENV],
    ['written to GITHUB_PATH', result.written.PATH],
    ['written to GITHUB_STEP_SUMMARY', result.summary],
    ...ledgers.map((name) => [`.waybill/${name}`, readFileSync(path.join(state, name), 'utf8')]),
  ];
  const shown = parts.filter(([, text]) => text !== '');
  const ended = (text) => (text.endsWith('\n') ? text : `${text}\n(no line end)\n`);
  const body = shown.map(([title, text]) => `\n===== ${title}\n${ended(text)}`);
  return placeholders(`===== exit status ${result.status}\n${body.join('')}`, { workspace, temp: result.temp });
}

/** Compares with the transcript of this name, or writes it. */
export function compare(name, text) {
  const file = path.join(FOLDER, `${name}.txt`);
  if (update) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  assert.ok(existsSync(file), `there is no transcript ${name}; write it with WAYBILL_UPDATE=1`);
  assert.equal(text, readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
}

/** The names of all transcripts. */
export const names = () =>
  readdirSync(FOLDER)
    .map((name) => path.basename(name, '.txt'))
    .sort();
