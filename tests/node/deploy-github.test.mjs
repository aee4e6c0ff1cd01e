// GitHub's side of a deployment: Deployments with their statuses.

import assert from 'node:assert/strict';
import test from 'node:test';

import { deployment, said } from './deployment.mjs';
import { gitHub } from './github.mjs';

const TOKEN = { 'github-token': 'a-token-of-a-test' };

async function withGitHub(context, options, world, where) {
  const api = await gitHub(options);
  context.after(() => api.close());
  const made = await deployment(context, world, where);
  const run = (inputs = {}, more = {}) =>
    made.run({ ...TOKEN, ...inputs }, { ...more, context: { GITHUB_API_URL: api.url, ...more.context } });
  return { ...made, api, run };
}

const states = (each) => each.statuses.map(({ state }) => state);

test('a deployment is shown, and the one before it is inactive', async (context) => {
  const { api, run, pack, service, commit } = await withGitHub(context);
  const first = await run();
  assert.equal(first.status, 0, said(first));
  const { site } = await import('./packed.mjs');
  pack(site(commit, { 'static/new.txt': 'new' }));
  const second = await run({}, { context: { GITHUB_RUN_ID: '7002' } });
  assert.equal(second.status, 0, said(second));
  const [one, two] = api.state.deployments;
  assert.deepEqual([states(one), states(two)], [['in_progress', 'success', 'inactive'], ['in_progress', 'success']]);
  assert.equal(one.environment, 'production');
  assert.equal(one.production_environment, true);
  assert.equal(one.sha, commit);
  assert.equal(one.payload.deploymentId, '7001-production');
  assert.equal(two.statuses[1].environment_url, `http://${service.state.domains[0]}`);
  assert.match(two.statuses[0].log_url, /actions\/runs\/7002/);
});

test('one that fails is shown as failed', async (context) => {
  const sick = (made, where) => where === 'own' && made.meta.waybillDeployment && { status: 500 };
  const { api, run } = await withGitHub(context, {}, { sick });
  assert.equal((await run()).status, 1);
  assert.deepEqual(states(api.state.deployments[0]), ['in_progress', 'failure']);
});

test('without the permission it goes on, and says so', async (context) => {
  const { api, run } = await withGitHub(context, { fail: ({ path }) => path.includes('/deployments') });
  const result = await run();
  assert.equal(result.status, 0, said(result));
  assert.equal(api.state.deployments.length, 0);
  assert.match(said(result), /deployments: write/);
});

test("another run that deploys now stops the job; the job's own deployment is warned about", async (context) => {
  const { api, run, commit, service } = await withGitHub(context);
  const now = new Date().toISOString();
  const busy = {
    ...{ id: 1, sha: 'a'.repeat(40), task: 'deploy:frontend', environment: 'production', created_at: now },
    payload: { waybill: 1, deploymentId: '6000-production' },
    statuses: [{ state: 'in_progress', log_url: 'https://github.example/run/6000' }],
  };
  api.state.deployments.push(busy);
  const stopped = await run();
  assert.equal(stopped.outputs.code, 'WB5211', said(stopped));
  assert.equal(service.state.calls.length, 0);
  busy.statuses.push({ state: 'success' });
  const own = { id: 2, sha: commit, task: 'deploy', environment: 'production', created_at: now, payload: {}, statuses: [] };
  api.state.deployments.push(own);
  const result = await run();
  assert.equal(result.status, 0, said(result));
  assert.match(said(result), /::warning.*deployment: false/);
});

test("a preview's environment is the pull request's own, and goes with it", async (context) => {
  const { api, run, service } = await withGitHub(context, {}, {}, { environment: 'development' });
  const event = { number: 7, pull_request: { number: 7, head: {}, base: {} } };
  const options = { event, context: { GITHUB_EVENT_NAME: 'pull_request' } };
  const result = await run({ comment: 'true' }, options);
  assert.equal(result.status, 0, said(result));
  const [one] = api.state.deployments;
  assert.equal(one.environment, 'preview/pr-7');
  assert.equal(one.transient_environment, true);
  assert.match(api.state.comments[0].body, new RegExp(service.state.deployments[1].url));
  assert.match(api.state.comments[0].body, /is healthy/);
  const closed = await run({ cleanup: 'true' }, options);
  assert.equal(closed.status, 0, said(closed));
  assert.equal(service.state.deployments.length, 1);
  assert.equal(states(one).at(-1), 'inactive');
});
