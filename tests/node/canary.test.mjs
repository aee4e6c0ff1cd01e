// Distinctive secrets in every place that may hold one. None of them, nor what
// an encoder makes of it, is in any file that the action writes or, apart from
// the mask commands, in what it prints.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';

import { SOURCES, junit } from './files.mjs';
import { gitHub } from './github.mjs';
import { checkout, post, step, write } from './harness.mjs';
import { readCommand } from './runner.mjs';

// Made here, so that no value that looks like a secret stands in the repository.
const letters = (count, seed) =>
  Array.from({ length: count }, (_, at) => 'kQ7vZ2mX9bT4'[(at * seed + seed) % 12]).join('');
const password = `pa"ss/${letters(12, 5)}+w=rd`;
const CANARIES = {
  password,
  cohere: letters(40, 7),
  vercel: ['vcp', letters(24, 11)].join('_'),
  qdrant: letters(32, 5),
  vectors: `v${letters(14, 7)}`,
  token: ['ghs', letters(36, 11)].join('_'),
  other: `in the environment ${letters(12, 1)}`,
};

const INPUTS = {
  'database-url': `postgresql://shop:${encodeURIComponent(password)}@db.example.com/shop`,
  'vector-database-url': `https://reader:${CANARIES.vectors}@vectors.example.com`,
  'cohere-api-key': CANARIES.cohere,
  'vercel-token': CANARIES.vercel,
  'qdrant-api-key': CANARIES.qdrant,
  'github-token': CANARIES.token,
};

/** What encoders make of a text; base64 in its three alignments, without the ends that depend on the neighbours. */
function formsOf(text) {
  const base64 = (before) => {
    const whole = Buffer.from(before + text)
      .toString('base64')
      .replace(/=+$/, '');
    return whole.slice(
      Math.ceil((before.length * 4) / 3),
      (before.length + Buffer.byteLength(text)) % 3 ? -1 : undefined,
    );
  };
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  const all = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), encodeURI(text), form];
  return new Set([...all, base64(''), base64('a'), base64('ab')]);
}

function filesBelow(where) {
  return readdirSync(where, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(where, entry.name);
    return entry.isDirectory() ? filesBelow(file) : entry.isFile() ? [file] : [];
  });
}

/** Everywhere that a canary was found, as `place: which`. */
function leaks(places) {
  const found = [];
  for (const [place, bytes] of places) {
    for (const [name, text] of Object.entries(CANARIES)) {
      for (const form of formsOf(text))
        if (bytes.includes(form)) found.push(`${place}: ${name} as ${form.slice(0, 6)}…`);
    }
  }
  return found;
}

const withoutMasks = (stdout) =>
  stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n');

test('the canaries would be found', () => {
  const place = [
    ['here', Buffer.from(`a ${CANARIES.cohere} b ${Buffer.from(`xy${CANARIES.token}z`).toString('base64')}`)],
  ];
  assert.equal(new Set(leaks(place).map((leak) => leak.split(' as ')[0])).size, 2);
});

// What the command says. It has the secrets from a file: what we are given is not handed on.
const PROGRAM = `import { readFileSync } from 'node:fs';
console.log('::add-mask::${CANARIES.other}');
const said = JSON.parse(readFileSync('said.json', 'utf8'));
for (const text of said) console.log('the child says ' + text + '.');
for (const text of said) console.error(Buffer.from('ab' + text).toString('base64'));
// A secret that comes in two pieces is a secret still, once the other stream is quiet.
await new Promise((next) => setTimeout(next, 300));
process.stdout.write('in pieces ' + said[0].slice(0, 5));
await new Promise((next) => setTimeout(next, 50));
console.log(said[0].slice(5));
process.exitCode = 1;
`;

for (const jobType of ['lint', 'test']) {
  test(`no secret leaves ${jobType}`, async (context) => {
    const message = `refused: ${password} ${CANARIES.token}`;
    const service = await gitHub({ fail: ({ method }) => method !== 'GET', message });
    context.after(() => service.close());
    const workspace = checkout({ ...SOURCES, '.github/waybill.yml': 'defaults:\n  cohere-api-key: ${MY_KEY}\n' });
    const said = [...Object.values(CANARIES), ...Object.values(INPUTS)].flatMap((text) => [
      ...formsOf(text),
      `x${text}y`,
    ]);
    const failure = `expected ${password} but found ${CANARIES.cohere}`;
    const details = `${failure}\n    at test/cart.test.js:3:1`;
    write(workspace, {
      'said.json': JSON.stringify(said),
      'program.mjs': PROGRAM,
      'junit.xml': junit({ name: `with ${CANARIES.vercel}`, failure, details }),
    });
    const own = new Set(filesBelow(workspace));
    // The key comes by the file's `${MY_KEY}`.
    const { 'cohere-api-key': key, ...others } = INPUTS;
    const run = 'node program.mjs; cp junit.xml report.xml';
    const inputs = { ...others, 'job-type': jobType, run, reports: 'report.xml', comment: 'true' };
    const pullRequest = { number: 7, head: { sha: 'a'.repeat(40) }, base: { sha: 'b'.repeat(40) } };
    const options = {
      event: { pull_request: pullRequest },
      context: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_API_URL: service.url, MY_KEY: key },
    };
    const main = await step(workspace, inputs, options);
    const after = await post(workspace, inputs, main, options);
    assert.equal(main.status, 1, main.stdout.toString());
    assert.ok(service.calls.length > 0, 'the service was not asked');

    const written = filesBelow(workspace).filter((file) => !own.has(file) && path.basename(file) !== 'report.xml');
    const places = [
      ['standard output', Buffer.from(withoutMasks(main.stdout), 'latin1')],
      ['standard error', main.stderr],
      ['standard output of post', Buffer.from(withoutMasks(after.stdout), 'latin1')],
      ...[...written, ...filesBelow(path.dirname(main.temp))].map((file) => [file, readFileSync(file)]),
    ];
    assert.ok(written.length >= 2, 'there should be a ledger and a report');
    assert.deepEqual(leaks(places), []);
    const lines = main.stdout.toString().split('\n');
    assert.ok(lines.includes('the child says ***.'), 'the output is there, without the secrets');
    assert.ok(lines.includes('in pieces ***'));
    // Whatever we were given is masked before anything else is said.
    const first = lines.findIndex((line) => !line.startsWith('::add-mask::'));
    const masks = lines.slice(0, first).map((line) => readCommand(line).data);
    for (const value of Object.values(INPUTS))
      assert.ok(masks.includes(value), `not masked at once: ${value.slice(0, 8)}…`);
  });
}
