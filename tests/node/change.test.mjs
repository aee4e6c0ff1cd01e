// Of more findings than GitHub keeps, those on lines that the change touches
// come first: known by git, or by GitHub where the checkout is shallow.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync } from 'node:fs';

import { SOURCES, sarif } from './files.mjs';
import { gitHub } from './github.mjs';
import { checkout, commitAll, git, step, write } from './harness.mjs';

const FILE = 'src/cart.js';
const LINT = { 'job-type': 'lint', reports: 'lint.sarif', 'github-token': 'a-token-of-a-test' };
const CHANGED = [23, 24];
const finding = (line) => ({ level: 'error', rule: 'r', message: `on line ${line}`, file: FILE, line });

/** A repository with a change of two lines, a finding on each line of the file, and an event of this base. */
function change() {
  const lines = Array.from({ length: 30 }, (_, at) => finding(at + 1));
  const workspace = checkout({ ...SOURCES, 'lint.sarif': sarif(...lines) });
  const base = git(workspace, 'rev-parse', 'HEAD');
  const text = readFileSync(path.join(workspace, FILE), 'utf8').split('\n');
  for (const line of CHANGED) text[line - 1] += ', changed';
  write(workspace, { [FILE]: text.join('\n') });
  const head = commitAll(workspace);
  return { workspace, event: (sha) => ({ pull_request: { number: 7, head: { sha: head }, base: { sha } } }), base };
}

const annotated = (result) => result.annotations.filter((each) => each.file === FILE).map((each) => each.line);

test('by git', async () => {
  const { workspace, event, base } = change();
  const result = await step(workspace, LINT, { event: event(base), context: { GITHUB_EVENT_NAME: 'pull_request' } });
  assert.equal(result.outputs.errors, '30');
  assert.deepEqual(annotated(result).slice(0, 2), CHANGED);
  assert.equal(annotated(result).length, 8);
});

test('by the API, where the base is not in the checkout', async (context) => {
  const patch = ['@@ -21,5 +21,5 @@', ' // line 21', ' // line 22', '-a', '-b', '+c', '+d', ' // line 25'].join('\n');
  const api = await gitHub({ files: [{ filename: FILE, status: 'modified', patch }] });
  context.after(() => api.close());
  const { workspace, event } = change();
  const variables = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_API_URL: api.url };
  const result = await step(workspace, LINT, { event: event('b'.repeat(40)), context: variables });
  assert.deepEqual(annotated(result).slice(0, 2), CHANGED);
});

test('not knowing it is no failure', async () => {
  const { workspace, event } = change();
  const variables = { GITHUB_EVENT_NAME: 'pull_request' };
  const inputs = { ...LINT, 'fail-on': 'never' };
  const result = await step(workspace, inputs, { event: event('b'.repeat(40)), context: variables });
  assert.equal(result.status, 0);
  assert.deepEqual(annotated(result).slice(0, 2), [1, 2]);
});
