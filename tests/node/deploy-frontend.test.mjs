// deploy-frontend against a stand-in of Vercel that serves real pages.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { writeFileSync } from 'node:fs';

import { checkout, git, ledgerOf, post, step } from './harness.mjs';
import { site, tar } from './packed.mjs';
import { TOKEN, vercel } from './vercel.mjs';

const FAST = { 'health-interval': '60ms', 'health-timeout': '4s', 'health-successes': '2', 'request-timeout': '2s' };

/** A workspace with a packed site, and the step that deploys it. */
export async function deployment(context, world = {}, { environment = 'production', old = true } = {}) {
  const service = await vercel(world);
  context.after(() => service.close());
  const workspace = checkout({ 'README.md': 'a shop\n' });
  const commit = git(workspace, 'rev-parse', 'HEAD');
  const before = old ? await service.served(site('old')) : undefined;
  const pack = (files) => writeFileSync(path.join(workspace, 'frontend.tar'), tar(files));
  pack(site(commit));
  const inputs = {
    'job-type': 'deploy-frontend',
    environment,
    artifact: 'frontend.tar',
    'vercel-project': 'shop',
    'vercel-team': service.team,
    'vercel-token': TOKEN,
    'vercel-api-url': service.url,
    'health-path': '/version.json',
    'health-json-pointer': '/version',
    ...FAST,
  };
  const run = (more = {}, options = {}) => step(workspace, { ...inputs, ...more }, options);
  const finish = (main, more = {}) => post(workspace, { ...inputs, ...more }, main);
  return { service, workspace, commit, before, run, finish, pack, inputs };
}

const events = (workspace, result) => ledgerOf(workspace, result).map((line) => line.event?.eventType ?? line.eventType);
const named = (service, name) => service.state.calls.filter((call) => call.name === name);
const said = (result) => result.stdout.toString();

test('a production deployment is gated on its own URL, promoted, and gated in public', async (context) => {
  const { service, workspace, run } = await deployment(context);
  const result = await run();
  assert.equal(result.status, 0, said(result));
  const [, made] = service.state.deployments;
  assert.equal(service.state.production, made.id);
  assert.equal(result.outputs.url, `http://${service.state.domains[0]}`);
  assert.deepEqual(
    service.state.calls.filter(({ name }) => !['deployment', 'project', 'upload'].includes(name)).map(({ name }) => name),
    ['token', 'list', 'create', 'create', 'promote'],
  );
  assert.equal(made.meta.waybillDeployment, '7001-production');
  assert.deepEqual(events(workspace, result), ['pipeline-started', 'job-started', 'deployment-success', 'job-completed']);
});

test('what is not healthy is never promoted, and what served serves on', async (context) => {
  const sick = (made, where) => where === 'own' && made.meta.waybillDeployment && { status: 500 };
  const { service, workspace, before, run } = await deployment(context, { sick });
  const result = await run();
  assert.equal(result.status, 1, said(result));
  assert.equal(result.outputs.code, 'WB5203');
  assert.equal(named(service, 'promote').length, 0);
  assert.equal(service.state.production, before.id);
  assert.deepEqual(events(workspace, result), ['pipeline-started', 'job-started', 'deployment-failure', 'job-failed']);
});

test('what is not healthy in public is rolled back, and the rollback is looked at', async (context) => {
  const sick = (made, where) => where === 'public' && made.meta.waybillDeployment && { status: 500 };
  const { service, workspace, before, run } = await deployment(context, { sick });
  const result = await run();
  assert.equal(result.status, 1, said(result));
  assert.equal(result.outputs.code, 'WB5207');
  assert.equal(service.state.production, before.id);
  assert.deepEqual(events(workspace, result), [
    'pipeline-started',
    'job-started',
    'rollback-initiated',
    'rollback-completed',
    'job-failed',
  ]);
  assert.match(said(result), /pinned/);
});
