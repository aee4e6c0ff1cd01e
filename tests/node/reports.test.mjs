// What lint and test do with their reports beyond the annotations of the step:
// the check run, the comparison with the base branch, SARIF and the baseline.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync } from 'node:fs';

import { SOURCES, junit, sarif } from './files.mjs';
import { gitHub } from './github.mjs';
import { checkout, step, write } from './harness.mjs';

const TOKEN = { 'github-token': 'a-token-of-a-test' };
const LINT = { 'job-type': 'lint', environment: 'development', reports: 'lint.sarif' };
const TEST = { 'job-type': 'test', environment: 'development', reports: 'junit.xml' };

/** As different as findings can be: equal ones would be one annotation. */
function findings(count) {
  const letters = (number) => [...number.toString(26)].map((digit) => 'abcdefghijklmnopqrstuvwxyz'[parseInt(digit, 26)]);
  return Array.from({ length: count }, (_, at) => ({
    level: 'error',
    rule: `no-${letters(at).join('')}`,
    message: `the word ${letters(at).join('')} is not allowed`,
    file: at % 2 ? 'src/cart.js' : 'test/cart.test.js',
    line: (at % 30) + 1,
  }));
}

async function project(context, service, files) {
  const api = await gitHub(service);
  context.after(() => api.close());
  const workspace = checkout({ ...SOURCES, ...files });
  const run = (inputs, more = {}) =>
    step(workspace, { ...TOKEN, ...inputs }, { context: { GITHUB_API_URL: api.url, ...more } });
  return { api, run, workspace };
}

const sent = (api, method) => api.calls.filter((call) => call.method === method && call.path.includes('check-runs'));
const slices = (calls) => calls.map((call) => JSON.parse(call.body).output.annotations.length);

test('what has no room goes to a check run in ten slices, and a second attempt adds nothing', async (context) => {
  const { api, run } = await project(context, {}, { 'lint.sarif': sarif(...findings(640)) });
  const first = await run(LINT);
  assert.equal(first.status, 1);
  assert.equal(first.outputs.findings, '640');
  assert.deepEqual(slices(sent(api, 'POST')), [50]);
  assert.deepEqual(slices(sent(api, 'PATCH')), Array(9).fill(50));
  const [made] = api.state.checkRuns;
  assert.equal(made.conclusion, 'failure');
  assert.match(made.name, /^lint · development · check/);
  assert.match(made.summary, /500 most important/);
  const keys = (all) => new Set(all.map((one) => `${one.path}:${one.start_line} ${one.message}`));
  assert.equal(keys(made.annotations).size, 500);

  api.calls.length = 0;
  const again = await run(LINT, { GITHUB_RUN_ATTEMPT: '2' });
  assert.equal(again.status, 1);
  assert.equal(api.state.checkRuns.length, 1);
  assert.deepEqual(slices(sent(api, 'POST')), []);
  assert.deepEqual(slices(sent(api, 'PATCH')), [0]);
  assert.equal(keys(made.annotations).size, made.annotations.length);
});

test('a token that may only read goes on without a check run and says so', async (context) => {
  const fail = (call) => call.method !== 'GET';
  const { api, run } = await project(context, { fail }, { 'lint.sarif': sarif(...findings(40)) });
  const ran = await run(LINT);
  assert.equal(ran.status, 1);
  assert.equal(ran.outputs.findings, '40');
  assert.equal(api.state.checkRuns.length, 0);
  assert.match(ran.summary, /checks: write/);
});

test('what has room makes no check run', async (context) => {
  const { api, run } = await project(context, {}, { 'lint.sarif': sarif(...findings(4)) });
  assert.equal((await run(LINT)).status, 1);
  assert.deepEqual(sent(api, 'POST'), []);
});

test('the comment of a pull request compares with the last report of its base', async (context) => {
  const passes = (count) => Array.from({ length: count }, (_, at) => ({ name: `case ${at}` }));
  const { api, run, workspace } = await project(context, {}, { 'junit.xml': junit(...passes(3)) });
  assert.equal((await run(TEST)).status, 0);
  write(workspace, { 'junit.xml': junit(...passes(4), { name: 'breaks', failure: 'it is 3' }) });
  const event = { number: 7, pull_request: { number: 7, head: { sha: 'a'.repeat(40) }, base: { sha: 'b'.repeat(40) } } };
  const pull = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main', GITHUB_REF: 'refs/pull/7/merge' };
  const named = { GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'change', GITHUB_API_URL: api.url };
  const ran = await step(workspace, { ...TOKEN, ...TEST, comment: 'true' }, { event, context: { ...pull, ...named } });
  assert.equal(ran.status, 1);
  const [{ body }] = api.state.comments;
  assert.match(body, /Against `main`: <b>&#43;2<\/b> tests · <b>&#43;1<\/b> failed/);
});

test('sarif-output has every finding, and a baseline lets the known ones pass', async (context) => {
  const known = findings(3);
  const { run, workspace } = await project(context, {}, { 'lint.sarif': sarif(...known) });
  const first = await run({ ...LINT, 'sarif-output': 'out/all.sarif' });
  assert.equal(first.status, 1);
  const written = JSON.parse(readFileSync(path.join(workspace, 'out/all.sarif'), 'utf8'));
  const uris = written.runs.flatMap((each) => each.results).map((each) => each.locations[0].physicalLocation);
  assert.deepEqual(
    uris.map((place) => `${place.artifactLocation.uri}:${place.region.startLine}`).sort(),
    known.map(({ file, line }) => `${file}:${line}`).sort(),
  );

  write(workspace, { 'former.json': readFileSync(path.join(workspace, first.outputs.report)) });
  const same = await run({ ...LINT, baseline: 'former.json' });
  assert.equal(same.status, 0, String(same.stdout));
  write(workspace, { 'lint.sarif': sarif(...known, { ...known[0], rule: 'another', message: 'a new one' }) });
  const more = await run({ ...LINT, baseline: 'former.json' });
  assert.equal(more.status, 1);
});

test('tests that come late in a long output are read', async (context) => {
  const { run, workspace } = await project(context, {}, {});
  const noise = "for (let at = 0; at < 60000; at += 1) console.log(`compiling module ${at} of the project, quietly`);";
  const tests = "console.log('running 2 tests\\ntest a ... ok\\ntest b ... FAILED\\n\\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s');";
  write(workspace, { 'tool.mjs': `${noise}\n${tests}\n` });
  const ran = await run({ 'job-type': 'test', environment: 'development', run: 'node tool.mjs' });
  assert.equal(ran.outputs.tests, '2', ran.summary);
  assert.equal(ran.outputs.failed, '1');
  assert.equal(ran.status, 1);
});
