// Distinctive secrets in every place that may hold one. None of them, nor what
// an encoder makes of it, is in any file that the action writes or, apart from
// the mask commands, in what it prints.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';

import { SOURCES, TOOL, junit } from './files.mjs';
import { checkout, post, step } from './harness.mjs';
import { gitHub } from './github.mjs';

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
  const json = JSON.stringify(text).slice(1, -1);
  const all = [text, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(text), encodeURI(text)];
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

for (const jobType of ['lint', 'test']) {
  test(`no secret leaves ${jobType}`, async (context) => {
    const service = await gitHub({
      fail: ({ method }) => method !== 'GET',
      message: `refused: ${password} ${CANARIES.token}`,
    });
    context.after(() => service.close());
    const values = Object.values(CANARIES);
    const said = [...values, ...Object.values(INPUTS)].flatMap((text) => [...formsOf(text), `x${text}y`]);
    // The child has them from a file: what we are given is not handed on.
    const program = `
      import { readFileSync } from 'node:fs';
      const said = JSON.parse(readFileSync('said.json', 'utf8'));
      for (const text of said) console.log('the child says ' + text + '.');
      for (const text of said) console.error(Buffer.from('ab' + text).toString('base64'));
      process.stdout.write(said[0].slice(0, 5)); await new Promise((next) => setTimeout(next, 50)); console.log(said[0].slice(5));
      process.exitCode = 1;`;
    const failure = `expected ${password} but found ${CANARIES.cohere}`;
    const workspace = checkout({
      ...SOURCES,
      'tool.mjs': TOOL,
      '.github/workflows/x.yml': '',
      '.github/waybill.yml': 'defaults:\n  cohere-api-key: ${MY_KEY}\n',
    });
    const { default: fs } = await import('node:fs');
    fs.writeFileSync(path.join(workspace, 'said.json'), JSON.stringify(said));
    fs.writeFileSync(path.join(workspace, 'program.mjs'), program);
    fs.writeFileSync(
      path.join(workspace, 'junit.xml'),
      junit({ name: `with ${CANARIES.vercel}`, failure, details: `${failure}\n    at test/cart.test.js:3:1` }),
    );
    const own = new Set(filesBelow(workspace));
    const inputs = { ...INPUTS, 'job-type': jobType, run: 'node program.mjs', reports: 'junit.xml', comment: 'true' };
    delete inputs['cohere-api-key'];
    const options = {
      event: { pull_request: { number: 7, head: { sha: 'a'.repeat(40) }, base: { sha: 'b'.repeat(40) } } },
      context: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_API_URL: service.url, MY_KEY: CANARIES.cohere },
    };
    // `other` is a secret that only the command knows of, and has masked.
    fs.writeFileSync(
      path.join(workspace, 'program.mjs'),
      `console.log('::add-mask::${CANARIES.other}');\n${program.trimStart()}`,
    );
    const main = await step(workspace, inputs, options);
    const after = await post(workspace, inputs, main, options);
    assert.equal(main.status, 1, main.stdout.toString());
    assert.ok(service.calls.length > 0, 'the service was not asked');
    const written = filesBelow(workspace)
      .filter((file) => !own.has(file))
      .concat(filesBelow(path.dirname(main.temp)));
    const places = [
      ['standard output', Buffer.from(withoutMasks(main.stdout), 'latin1')],
      ['standard error', main.stderr],
      ['standard output of post', Buffer.from(withoutMasks(after.stdout), 'latin1')],
      ...written.filter((file) => path.basename(file) !== 'event.json').map((file) => [file, readFileSync(file)]),
    ];
    assert.deepEqual(leaks(places), []);
    assert.ok(main.stdout.includes('the child says ***'), 'the output is there, without the secrets');
    for (const text of [...Object.values(INPUTS)].slice(0, 1)) assert.ok(main.masks.includes(text));
    const firstText = main.stdout
      .toString()
      .split('\n')
      .findIndex((line) => !line.startsWith('::add-mask::'));
    const lastMask = main.stdout
      .toString()
      .split('\n')
      .findLastIndex((line) => line.startsWith(`::add-mask::${CANARIES.vercel}`));
    assert.ok(lastMask < firstText, 'masks come before everything else');
  });
}
