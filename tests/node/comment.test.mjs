// One comment on the pull request, a section a job, against a stand-in of the API.

import assert from 'node:assert/strict';
import test from 'node:test';

import { SOURCES, assertHarmless, junit, sarif } from './files.mjs';
import { gitHub } from './github.mjs';
import { checkout, step } from './harness.mjs';

const FINDING = { level: 'warning', rule: 'no-unused', message: 'x is never used', file: 'src/cart.js', line: 3 };
const HEAD = 'a'.repeat(40);

/** Steps of a pull request's run, whose token may do what the service allows. */
async function pullRequest(context, service, files = {}) {
  const api = await gitHub(service);
  context.after(() => api.close());
  const workspace = checkout({
    ...SOURCES,
    'lint.sarif': sarif(FINDING),
    'junit.xml': junit({ name: 'adds' }),
    ...files,
  });
  const event = { number: 7, pull_request: { number: 7, head: { sha: HEAD }, base: { sha: 'b'.repeat(40) } } };
  const run = (inputs, options = {}) =>
    step(
      workspace,
      { 'github-token': 'a-token-of-a-test', comment: 'true', ...inputs },
      {
        event,
        ...options,
        context: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_API_URL: api.url, ...options.context },
      },
    );
  return { api, run };
}

const LINT = { 'job-type': 'lint', reports: 'lint.sarif' };
const TEST = { 'job-type': 'test', reports: 'junit.xml' };
const writes = (api) => api.calls.filter((call) => call.method !== 'GET').map((call) => `${call.method} ${call.path}`);

test('two jobs share one comment, and a second run updates it in place', async (context) => {
  const { api, run } = await pullRequest(context, { comments: [{ body: 'Looks good to me.' }] });
  for (const inputs of [LINT, TEST, LINT]) assert.equal((await run(inputs)).status, 0);
  assert.equal(api.state.comments.length, 2);
  assert.equal(api.state.comments[0].body, 'Looks good to me.');
  const { body } = api.state.comments[1];
  assert.match(body, /lint/);
  assert.match(body, /test/);
  assert.equal(body.split('lint (development)').length, body.split('test (development)').length, body);
  assert.deepEqual(writes(api), [
    'POST /repos/example/shop/issues/7/comments',
    ...Array.from({ length: 2 }, () => 'PATCH /repos/example/shop/issues/comments/2'),
  ]);
});

test('the legs of a matrix have a section each', async (context) => {
  const { api, run } = await pullRequest(context, {});
  for (const environment of ['development', 'staging', 'production']) {
    await run({ ...LINT, environment }, { matrix: { environment } });
  }
  assert.equal(api.state.comments.length, 1);
  for (const environment of ['development', 'staging', 'production']) {
    assert.match(api.state.comments[0].body, new RegExp(environment));
  }
});

test('our comment is found behind a hundred others', async (context) => {
  const { api, run } = await pullRequest(context, {
    comments: Array.from({ length: 130 }, () => ({ body: 'me too' })),
  });
  for (const inputs of [LINT, TEST]) await run(inputs);
  assert.equal(api.state.comments.length, 131);
});

test('a call says who it is from and what it speaks', async (context) => {
  const { api, run } = await pullRequest(context, {});
  await run(LINT);
  for (const { headers } of api.calls) {
    assert.equal(headers.authorization, 'Bearer a-token-of-a-test');
    assert.equal(headers.accept, 'application/vnd.github+json');
    assert.equal(headers['x-github-api-version'], '2022-11-28');
    assert.match(headers['user-agent'], /^[Ww]aybill/);
  }
});

test('a token that may not write is said, and the job goes on', async (context) => {
  const { api, run } = await pullRequest(context, { fail: ({ method }) => method !== 'GET' });
  const result = await run(LINT);
  assert.equal(result.status, 0);
  assert.equal(result.outputs.status, 'success');
  assert.equal(api.state.comments.length, 0);
  assert.match(result.stdout.toString(), /comment/);
  assert.match(result.stdout.toString(), /pull-requests: write/);
});

test('a service that is not there, or is broken, does not fail the job', async (context) => {
  const { run } = await pullRequest(context, { fail: () => true, status: 500, message: 'Server Error' });
  assert.equal((await run(LINT)).status, 0);
  const nobody = await run(LINT, { context: { GITHUB_API_URL: 'http://127.0.0.1:9' } });
  assert.equal(nobody.status, 0);
  assert.match(nobody.stdout.toString(), /comment/);
});

test('what a pull request says cannot change the comment', async (context) => {
  const name = 'x <!-- waybill --> @octocat | ![x](https://example.com/x.png) </details>';
  const files = { 'junit.xml': junit({ name, failure: name, details: 'at test/cart.test.js:3:1' }) };
  const { api, run } = await pullRequest(context, {}, files);
  assert.equal((await run(TEST)).status, 1);
  await run(LINT);
  assert.equal(api.state.comments.length, 1);
  const { body } = api.state.comments[0];
  assertHarmless(body);
});

test('without a pull request, a token or the wish there is no call', async (context) => {
  const { api, run } = await pullRequest(context, {});
  assert.equal((await run({ ...LINT, comment: 'false' })).status, 0);
  assert.equal((await run(LINT, { event: {}, context: { GITHUB_EVENT_NAME: 'push' } })).status, 0);
  assert.equal((await run({ ...LINT, 'github-token': '' })).status, 0);
  assert.deepEqual(
    api.calls.filter((call) => /comments/.test(call.path)),
    [],
  );
});
