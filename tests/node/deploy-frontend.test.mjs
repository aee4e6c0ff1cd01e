// deploy-frontend against a stand-in of Vercel that serves real pages.

import assert from 'node:assert/strict';
import test from 'node:test';

import { deployment, events, named, said } from './deployment.mjs';
import { site } from './packed.mjs';
import { BYPASS } from './vercel.mjs';

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

test('the same commit and artifact again is found, not deployed again', async (context) => {
  const { service, run } = await deployment(context);
  assert.equal((await run()).status, 0);
  const again = await run({}, { context: { GITHUB_RUN_ID: '7002' } });
  assert.equal(again.status, 0, said(again));
  assert.equal(service.state.deployments.length, 2);
  assert.equal(named(service, 'promote').length, 1);
});

test('READY is not live: an alias error fails a preview', async (context) => {
  const aliasError = { code: 'cert_missing', message: 'no certificate' };
  const states = [[0, { readyState: 'QUEUED' }], [200, { readyState: 'READY' }], [500, { aliasAssigned: true, aliasError }]];
  const { run } = await deployment(context, { states }, { environment: 'development' });
  const result = await run();
  assert.equal(result.status, 1, said(result));
  assert.equal(result.outputs.code, 'WB5201');
  assert.match(said(result), /cert_missing: no certificate/);
});

test('a preview is gated on its own URL, and production is left alone', async (context) => {
  const { service, before, run } = await deployment(context, {}, { environment: 'development' });
  const result = await run();
  assert.equal(result.status, 0, said(result));
  assert.equal(service.state.production, before.id);
  assert.equal(result.outputs.url, `http://${service.state.deployments[1].url}`);
});

test('a first deployment that became production although a preview was asked for fails loudly', async (context) => {
  const { run } = await deployment(context, { firstIsProduction: true }, { environment: 'development', old: false });
  const result = await run();
  assert.equal(result.status, 1, said(result));
  assert.equal(result.outputs.code, 'WB5204');
});

for (const [name, states, code] of [
  ['fails', [[0, { readyState: 'BUILDING' }], [300, { readyState: 'ERROR', errorCode: 'BUILD_FAILED', errorMessage: 'no' }]], 'WB5201'],
  ['is cancelled by somebody', [[0, { readyState: 'BUILDING' }], [300, { readyState: 'CANCELED' }]], 'WB5201'],
  ['fails its checks', [[0, { readyState: 'READY', checksState: 'completed', checksConclusion: 'failed' }]], 'WB5201'],
]) {
  test(`a deployment that ${name} is not promoted`, async (context) => {
    const { service, before, run } = await deployment(context, { states });
    const result = await run();
    assert.equal(result.status, 1, said(result));
    assert.equal(result.outputs.code, code);
    assert.equal(service.state.production, before.id);
  });
}

test('what is stuck is cancelled at the deadline', async (context) => {
  const { service, run } = await deployment(context, { states: [[0, { readyState: 'BUILDING' }]] });
  const result = await run({ deadline: '3s' });
  assert.equal(result.outputs.code, 'WB5202', said(result));
  assert.equal(service.state.deployments[1].readyState, 'CANCELED');
});

test('a cancelled job cancels what is not ready, within seven seconds', async (context) => {
  const { service, run, workspace } = await deployment(context, { states: [[0, { readyState: 'BUILDING' }]] });
  const result = await run({}, { signal: 'SIGINT', whenPrinted: 'is BUILDING' });
  assert.equal(result.status, 130, said(result));
  assert.equal(service.state.deployments[1].readyState, 'CANCELED');
  assert.ok(result.sinceSignal < 7000, `${result.sinceSignal} ms`);
  assert.ok(!events(workspace, result).includes('deployment-success'));
});

test('post cancels what a killed job left open', async (context) => {
  const { service, run, finish } = await deployment(context, { states: [[0, { readyState: 'BUILDING' }]] });
  const killed = await run({}, { signal: 'SIGKILL', whenPrinted: 'is BUILDING' });
  assert.equal(service.state.deployments[1].readyState, 'BUILDING');
  const after = await finish(killed);
  assert.equal(after.status, 0, said(after));
  assert.equal(service.state.deployments[1].readyState, 'CANCELED');
  assert.match(said(after), /is cancelled at Vercel/);
});

test('a creation without an answer is looked up, never sent twice', async (context) => {
  const fault = (call) => call.name === 'create' && JSON.parse(call.body).files && service?.state.files.size > 3 && 'reset';
  let service;
  const made = await deployment(context, { fault });
  ({ service } = made);
  const result = await made.run();
  assert.equal(result.status, 0, said(result));
  assert.equal(service.state.deployments.length, 2);
});

test('limits are waited for as asked, or not at all', async (context) => {
  const limit = { error: { code: 'rate_limited', message: 'slow down', limit: { reset: Math.ceil(Date.now() / 1000) + 2 } } };
  let asked = 0;
  const fault = (call) => call.name === 'create' && (asked += 1) === 1 && { status: 429, body: limit };
  const { run } = await deployment(context, { fault });
  assert.equal((await run()).status, 0);

  const body = { error: { code: 'api-upload-free', message: 'Too many requests - try again in 24 hours' } };
  const full = await deployment(context, { fault: (call) => call.name === 'upload' && { status: 429, body } });
  const result = await full.run();
  assert.equal(result.outputs.code, 'WB5103', said(result));
  assert.ok(named(full.service, 'upload').length <= 4);
});

test('a rollback by hand gives production back, and does nothing twice', async (context) => {
  const { service, workspace, before, run } = await deployment(context);
  assert.equal((await run()).status, 0);
  const undone = await run({ mode: 'rollback' });
  assert.equal(undone.status, 0, said(undone));
  assert.equal(service.state.production, before.id);
  assert.ok(service.state.pinned);
  assert.ok(events(workspace, undone).includes('rollback-completed'));
  const again = await run({ mode: 'rollback' });
  assert.equal(again.status, 0, said(again));
  assert.equal(named(service, 'rollback').length, 1);
  const next = await run({}, { context: { GITHUB_RUN_ID: '7003' } });
  assert.equal(next.status, 0, said(next));
  assert.ok(!service.state.pinned);
  assert.match(said(next), /promoting this deployment ends that/);
});

test('mode plan says what would be uploaded and replaced, and writes nothing', async (context) => {
  const { service, before, commit, pack, run } = await deployment(context);
  pack(site(commit, { 'static/new.txt': 'new' }));
  const result = await run({ mode: 'plan' });
  assert.equal(result.status, 0, said(result));
  assert.deepEqual(service.state.calls.filter(({ method }) => method !== 'GET'), []);
  assert.match(said(result), new RegExp(`replaces \`${before.id}\``));
  assert.match(said(result), /1 new files, 3 bytes: `static\/new.txt`/);
  assert.match(said(result), /2 changed files/);
  assert.match(said(result), /1 unchanged files/);
});

test('a protected deployment is told apart from a sick one, and a secret gets through', async (context) => {
  const sick = (made, where, request) =>
    where === 'own' && request.headers['x-vercel-protection-bypass'] !== BYPASS && { status: 302, headers: { location: 'https://vercel.com/sso-api?url=x' } };
  const closed = await deployment(context, { sick });
  const result = await closed.run();
  assert.equal(result.outputs.code, 'WB5203', said(result));
  assert.match(said(result), /it is protected/);
  const open = await deployment(context, { sick });
  assert.equal((await open.run({ 'vercel-bypass-secret': BYPASS })).status, 0);
});

test('a rolling release, or somebody else who deploys meanwhile, stops the job', async (context) => {
  const rolling = await deployment(context, { project: { rollingRelease: {} }, rollingRelease: { state: 'ACTIVE' } });
  assert.equal((await rolling.run()).outputs.code, 'WB5212');
  let service;
  const fault = (call) => {
    if (call.name === 'create' && service && service.state.files.size > 3) service.state.production = 'dpl_somebody';
    return undefined;
  };
  const other = await deployment(context, { fault });
  ({ service } = other);
  const result = await other.run();
  assert.equal(result.outputs.code, 'WB5205', said(result));
  assert.equal(named(service, 'promote').length, 0);
});

test('a promote that leaves a domain behind is rolled back', async (context) => {
  const switches = (kind) => (kind === 'promote' ? { job: 'failed' } : {});
  const failedAliases = [{ status: 'failed', alias: 'shop.example.com', id: '1' }];
  const { service, before, run } = await deployment(context, { switches, failedAliases });
  const result = await run();
  assert.equal(result.outputs.code, 'WB5207', said(result));
  assert.match(said(result), /not moved: `shop.example.com`/);
  assert.equal(service.state.production, before.id);
});

test('a rollback that says it is done while the domain serves the broken one is no success', async (context) => {
  const sick = (made, where) => where === 'public' && made.meta.waybillDeployment && { status: 500 };
  const switches = (kind) => (kind === 'rollback' ? { moves: false } : {});
  const { workspace, run } = await deployment(context, { sick, switches });
  const result = await run();
  assert.equal(result.outputs.code, 'WB5208', said(result));
  assert.ok(events(workspace, result).includes('deployment-failure'));
  assert.match(said(result), /still down/);
});

test('what the service wants its users to know is annotated', async (context) => {
  const { run } = await deployment(context, { headers: { 'x-vercel-warning-plan': 'the plan ends soon' } });
  assert.match(said(await run()), /::warning.*the plan ends soon/);
});

test('many files go as one archive', async (context) => {
  const { service, run } = await deployment(context, {}, { environment: 'development' });
  const result = await run({ upload: 'archive', 'health-path': 'none' });
  assert.equal(result.outputs.code, 'WB5210', said(result));
  assert.equal(named(service, 'create').length, 0);
});

test('what stands is kept for later runs, and another deployment at the same time is refused', async (context) => {
  const { workspace, run } = await deployment(context);
  assert.equal((await run()).status, 0);
  const { readFileSync, mkdirSync, writeFileSync } = await import('node:fs');
  const kept = JSON.parse(readFileSync(`${workspace}/.waybill/environments/production.json`, 'utf8'));
  assert.deepEqual(kept.deployments.map(({ state, deploymentId }) => [state, deploymentId]), [['active', '7001-production']]);
  mkdirSync(`${workspace}/.waybill/leases/production`, { recursive: true });
  const day = 24 * 3600 * 1000;
  const lease = { deploymentId: '6-production', since: new Date(Date.now() - 60_000).toISOString(), until: new Date(Date.now() + day).toISOString() };
  writeFileSync(`${workspace}/.waybill/leases/production/6-production.x.json`, JSON.stringify(lease));
  const busy = await run({}, { context: { GITHUB_RUN_ID: '7002' } });
  assert.equal(busy.outputs.code, 'WB5211', said(busy));
});
