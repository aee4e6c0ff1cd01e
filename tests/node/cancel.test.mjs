// A run that is cancelled, and one that is killed.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { existsSync, readdirSync } from 'node:fs';

import { checkout, commandLine, isAlive, ledgerOf, post, step } from './harness.mjs';

const windows = process.platform === 'win32' && 'Windows ends a process at once';

// Two processes that take no notice of being asked to stop.
const STUBBORN = {
  'stubborn.mjs': `import { spawn } from 'node:child_process';
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => console.log('no, not for', name));
setInterval(() => {}, 1000);
if (process.argv[2] !== 'second') {
  const second = spawn(process.execPath, ['stubborn.mjs', 'second'], { stdio: ['ignore', 'inherit', 'inherit'] });
  setTimeout(() => console.log('running', process.pid, second.pid, '.'), 300);
}
`,
};
// One that cleans up when it is asked.
const POLITE = `process.on('SIGTERM', () => {
  console.log('cleaned up');
  process.exit(3);
});
setInterval(() => {}, 1000);
console.log('running');
`;
const INPUTS = { 'job-type': 'test', run: 'node stubborn.mjs' };

/** The ledger of the one job that ran here. */
function onlyLedger(workspace) {
  const below = readdirSync(path.join(workspace, '.waybill', 'ledgers'), { recursive: true });
  const [file, ...others] = below.filter((name) => name.endsWith('.jsonl'));
  assert.deepEqual(others, []);
  return path.join('.waybill', 'ledgers', file);
}

/** The two processes, from what they printed. */
const processes = (result) =>
  result.stdout
    .toString()
    .match(/running (\d+) (\d+) \./)
    .slice(1)
    .map(Number);

async function verifies(workspace, { ledger, head, count }) {
  const words = head ? ['--head', head, '--count', count] : [];
  const verified = await commandLine(workspace, 'verify', ledger, ...words);
  assert.equal(verified.status, 0, verified.stdout.toString());
}

const eventsOf = (workspace, result) =>
  ledgerOf(workspace, result)
    .map((line) => line.event ?? line)
    .map((event) => [event.eventType, event.metadata?.status]);

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} ends a stubborn command and the job within seven seconds`, { skip: windows }, async () => {
    const workspace = checkout(STUBBORN);
    const result = await step(workspace, INPUTS, { signal, whenPrinted: 'running' });
    assert.equal(result.status, 130, result.stdout.toString());
    assert.ok(result.sinceSignal < 7000, `it took ${result.sinceSignal} ms`);
    assert.equal(result.outputs.status, 'cancelled');
    assert.equal(result.outputs.code, 'WB2006');
    assert.equal(JSON.parse(result.outputs.job).status, 'cancelled');
    assert.deepEqual(processes(result).filter(isAlive), []);
    assert.match(result.stdout.toString(), /no, not for/);
    assert.deepEqual(eventsOf(workspace, result).at(-1), ['job-failed', 'cancelled']);
    const annotation = result.annotations.find((each) => each.title === 'job-failed');
    assert.equal(annotation?.level, 'warning');
    await verifies(workspace, outputs(result));
    // Post finds nothing left to do.
    const before = eventsOf(workspace, result).length;
    assert.equal((await post(workspace, INPUTS, result)).status, 0);
    assert.equal(eventsOf(workspace, result).length, before);
  });
}

const outputs = ({ outputs: all }) => ({ ledger: all.ledger, head: all['ledger-head'], count: all['ledger-count'] });

test('a command that gives in is waited for, and what it says last is kept', { skip: windows }, async () => {
  const workspace = checkout({ 'polite.mjs': POLITE });
  const result = await step(
    workspace,
    { ...INPUTS, run: 'exec node polite.mjs' },
    { signal: 'SIGTERM', whenPrinted: 'running' },
  );
  assert.equal(result.status, 130);
  assert.ok(result.sinceSignal < 2000, `it took ${result.sinceSignal} ms`);
  assert.match(result.stdout.toString(), /cleaned up/);
});

test('what a killed job left open is closed by post, once', { skip: windows }, async () => {
  const workspace = checkout(STUBBORN);
  const killed = await step(workspace, INPUTS, { signal: 'SIGKILL', whenPrinted: 'running' });
  assert.equal(killed.signal, 'SIGKILL');
  // The runner ends what a killed action left behind.
  for (const pid of processes(killed)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  assert.equal(killed.outputs.status, undefined);
  const closed = await post(workspace, INPUTS, killed);
  assert.equal(closed.status, 0, closed.stdout.toString());
  const found = { outputs: { ledger: onlyLedger(workspace) } };
  const events = eventsOf(workspace, found);
  assert.equal(events.at(-1)[0], 'job-failed');
  assert.equal(events.filter(([type]) => type === 'job-failed').length, 1);
  await verifies(workspace, found.outputs);
  const again = await post(workspace, INPUTS, killed);
  assert.equal(again.status, 0);
  assert.deepEqual(eventsOf(workspace, found), events);
});

test('post of a job that never began, or with a state of somebody else’s making, does nothing', async () => {
  const workspace = checkout();
  const open = '{"stage":"open","stateDirectory":"/"}';
  for (const waybill of ['{"stage":"begun"}', '{"stage":"finished"}', '{', '[]', '', open]) {
    const result = await post(workspace, INPUTS, { state: { waybill } });
    assert.equal(result.status, 0, result.stdout.toString());
    assert.deepEqual([result.outputs, result.commands], [{}, []]);
    assert.ok(!existsSync(path.join(workspace, '.waybill')));
  }
});
