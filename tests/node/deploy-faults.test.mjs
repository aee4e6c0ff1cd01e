// Every request of a deployment, with everything that can happen to it. The
// cases are made from a run that goes well: none is picked by hand.

import assert from 'node:assert/strict';
import test from 'node:test';

import { deployment, events, said } from './deployment.mjs';

const AT_ONCE = 8;
const LIMIT = 100_000;

/** What can happen to the call that `is` the one; a fault that lasts happens to every one after it, too. */
const FAULTS = {
  refused: { before: true },
  reset: () => 'reset',
  'cut off': () => 'half',
  'no answer': () => 'hang',
  'busy, 1 s': () => ({ status: 429, headers: { 'retry-after': '1' }, body: { error: { code: 'rate_limited' } } }),
  busy: () => ({ status: 429, body: { error: { code: 'rate_limited', message: 'slow down' } } }),
  '500 once': () => ({ status: 500, body: '<h1>no</h1>' }),
  '500 for ever': { lasts: true, fault: () => ({ status: 500, body: { error: { code: 'internal_server_error' } } }) },
  'no JSON': () => 'html',
  truncated: () => 'truncated',
  'unknown state': () => ({
    change(body) {
      if (!body || typeof body !== 'object') return body;
      if ('readyState' in body) return { ...body, readyState: 'SLEEPING', status: 'SLEEPING' };
      if (body.lastAliasRequest) return { ...body, lastAliasRequest: { ...body.lastAliasRequest, jobStatus: 'eh' } };
      return body;
    },
  }),
};

const STATES = [
  [0, { readyState: 'QUEUED' }],
  [350, { readyState: 'READY', aliasAssigned: true }],
];
const brokenInPublic = (made, where) => where === 'public' && made.meta.waybillDeployment && { status: 500 };

/** The names of the calls of a run that nothing happens to, each with how many of its name came before it. */
async function callsOf(world) {
  const { service, run } = await deployment(undefined, world);
  const result = await run();
  const seen = {};
  const calls = service.state.calls.map(({ name }) => ({ name, nth: (seen[name] = (seen[name] ?? 0) + 1) }));
  await service.close();
  return { calls, result };
}

/** One run in which this happens to that call. */
async function oneCase(world, target, fault) {
  const seen = {};
  let begun = false;
  const decide = (call) => {
    seen[call.name] = (seen[call.name] ?? 0) + 1;
    const is = call.name === target.name && seen[call.name] === target.nth;
    if (fault.before) return target.before && call.name === target.before.name && seen[call.name] === target.before.nth ? 'refuse-next' : undefined;
    begun ||= is;
    if (fault.lasts) return begun && call.name === target.name ? fault.fault() : undefined;
    return is ? fault() : undefined;
  };
  const made = await deployment(undefined, { ...world, fault: decide });
  const result = await made.run({ 'request-timeout': '3s', 'health-timeout': '3s' }, { limit: LIMIT });
  const ours = made.service.state.deployments.filter((each) => each.meta.waybillDeployment);
  const verdict = judge(made, result, ours);
  await made.service.close();
  return verdict;
}

/** How it ended, in a word, and what is wrong with that. */
function judge(made, result, ours) {
  const { service, before, workspace } = made;
  const wrong = [];
  if (result.signal) wrong.push(`it hung and was ended by ${result.signal}`);
  if (ours.length > 1) wrong.push(`${ours.length} deployments`);
  const told = result.outputs.ledger ? events(workspace, result) : [];
  const running = ours.filter(({ readyState }) => !['READY', 'ERROR', 'CANCELED'].includes(readyState));
  if (running.length > 0) wrong.push('something is left running');
  const serves = service.state.production;
  const healthy = serves === before.id || !service.world.sick;
  if (result.status === 0) {
    if (serves !== ours[0]?.id || !healthy) wrong.push('green although it does not serve, healthy');
    if (!told.includes('deployment-success')) wrong.push(`green, but told ${told}`);
    return { word: 'ok', wrong };
  }
  if (result.status !== 1) wrong.push(`status ${result.status}`);
  const last = told.filter((type) => type.startsWith('deployment-') || type === 'rollback-completed');
  if (last.length !== 1 || last[0] === 'deployment-success') wrong.push(`red, but told ${told}`);
  if (result.outputs.code === 'WB5207') {
    if (serves !== before.id) wrong.push('said to be rolled back, and is not');
    return { word: 'back', wrong };
  }
  // A failure that leaves the new one in service must say so.
  if (serves !== before.id && !/still down|stays|leaves it in service|nothing to roll back/.test(said(result))) {
    wrong.push('the new one serves, and nobody says so');
  }
  return { word: result.outputs.code ?? '?', wrong };
}

async function matrix(context, name, world, expectedStatus) {
  const { calls, result } = await callsOf(world);
  assert.equal(result.status, expectedStatus, said(result));
  const cases = calls.flatMap((call, at) =>
    Object.entries(FAULTS).map(([fault, what]) => ({ call: { ...call, before: calls[at - 1] }, fault, what })),
  );
  const rows = new Map(calls.map((call) => [`${call.name} ${call.nth}`, {}]));
  const problems = [];
  const waiting = [...cases];
  const worker = async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { word, wrong } = await oneCase(world, one.call, one.what);
      rows.get(`${one.call.name} ${one.call.nth}`)[one.fault] = wrong.length > 0 ? `✖ ${word}` : word;
      problems.push(...wrong.map((why) => `${one.call.name} ${one.call.nth}, ${one.fault}: ${why}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const heads = Object.keys(FAULTS);
  const line = (cells) => cells.map((cell, at) => String(cell).padEnd(at === 0 ? 18 : 14)).join('');
  context.diagnostic(`${name}: ${cases.length} cases`);
  context.diagnostic(line(['', ...heads]));
  for (const [call, row] of rows) context.diagnostic(line([call, ...heads.map((head) => row[head] ?? '')]));
  assert.deepEqual(problems, []);
}

test('a deployment that goes well survives what happens to any request, or fails cleanly', { timeout: 1_200_000 }, (context) =>
  matrix(context, 'a healthy deployment', { states: STATES }, 0),
);

test('a deployment that is rolled back, likewise', { timeout: 1_200_000 }, (context) =>
  matrix(context, 'a deployment that is not healthy in public', { states: STATES, sick: brokenInPublic }, 1),
);
