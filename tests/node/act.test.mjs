// The built action inside a real workflow runner, nektos/act, which runs
// without containers: the example's own workflow and shop, each environment a
// leg of the matrix, the action as `uses:` steps.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

import { PROJECT, fromNpm, fromVenv } from '../../scripts/lib/paths.mjs';
import { cleanEnvironment, onPath, strict } from '../../scripts/lib/run.mjs';
import { MAIN, NODE, commandLine, commitAll, folder } from './harness.mjs';

const ACT = [fromVenv('act'), onPath('act')].find((file) => file && existsSync(file));
const ENVIRONMENTS = ['development', 'staging', 'production'];
const ACTION = 'example/waybill@0000000000000000000000000000000000000000';

/** The example's workflow with the action from this repository, and without what needs the network. */
function workflow() {
  const text = readFileSync(path.join(PROJECT, 'examples', 'workflows', 'pipeline.yml'), 'utf8');
  const changes = [
    [new RegExp(`uses: ${ACTION}`, 'g'), 'uses: ./.github/action'],
    [/ {6}- uses: actions\/setup-node@.*\n {8}with:\n {10}node-version: 24\n\n/, ''],
    [/ {6}- run: npm ci\n\n/, ''],
  ];
  const changed = changes.reduce((sum, [from, to]) => {
    assert.match(sum, from);
    return sum.replace(from, to);
  }, text);
  const evidence = `
      - name: What the two steps gave
        if: \${{ always() }}
        env:
          LINT: \${{ toJSON(steps.lint) }}
          TEST: \${{ toJSON(steps.test) }}
        run: |
          mkdir -p "$EVIDENCE/\${{ matrix.environment }}"
          printf '%s' "$LINT" > "$EVIDENCE/\${{ matrix.environment }}/lint.json"
          printf '%s' "$TEST" > "$EVIDENCE/\${{ matrix.environment }}/test.json"
          cp -R .waybill "$EVIDENCE/\${{ matrix.environment }}/state"
          node --version > "$EVIDENCE/\${{ matrix.environment }}/node"
`;
  return `${changed.trimEnd()}\n${evidence}`;
}

/** A repository as a user has it: the shop, the workflow, and here the action too. */
function repository() {
  const where = folder('repository');
  const filter = (name) => !/[\\/](node_modules|\.waybill)$/.test(name);
  cpSync(path.join(PROJECT, 'examples', 'shop'), where, { recursive: true, filter });
  cpSync(path.dirname(MAIN), path.join(where, '.github', 'action', 'dist'), { recursive: true });
  cpSync(path.join(PROJECT, 'action.yml'), path.join(where, '.github', 'action', 'action.yml'));
  mkdirSync(path.join(where, '.github', 'workflows'), { recursive: true });
  writeFileSync(path.join(where, '.github', 'workflows', 'pipeline.yml'), workflow());
  // The action is no part of the shop, and not for its linter.
  writeFileSync(path.join(where, '.eslintignore'), '.github/\n');
  commitAll(where);
  return where;
}

/** A folder for PATH: the Node under test, and the linter that `npm ci` would have brought. */
function programs() {
  const where = folder('programs');
  const linter = fromNpm('oxlint', 'bin', 'oxlint');
  const scripts = { node: `exec "${NODE}" "$@"`, oxlint: `exec "${NODE}" "${linter}" "$@"` };
  for (const [name, line] of Object.entries(scripts)) {
    writeFileSync(path.join(where, name), `#!/bin/sh\n${line}\n`);
    chmodSync(path.join(where, name), 0o755);
  }
  return where;
}

function runAct(where, evidence) {
  const home = folder('home');
  const words = ['push', '-P', 'ubuntu-latest=-self-hosted', '--no-cache-server', '--env', `EVIDENCE=${evidence}`];
  const env = cleanEnvironment({
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    PATH: [programs(), process.env.PATH].join(path.delimiter),
  });
  return spawnSync(ACT, words, { cwd: where, env, encoding: 'utf8', timeout: 180_000 });
}

const missing = ACT ? process.platform === 'win32' && 'act runs no bash steps on Windows by itself' : 'act is not here';

test('the example pipeline runs in a workflow runner', { skip: !strict && missing }, async () => {
  assert.ok(ACT, 'act is not here');
  const evidence = folder('evidence');
  const where = repository();
  const { status, stdout, stderr } = runAct(where, evidence);
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  const read = (environment, job) => JSON.parse(readFileSync(path.join(evidence, environment, `${job}.json`), 'utf8'));
  const ids = new Set();
  for (const environment of ENVIRONMENTS) {
    const version = readFileSync(path.join(evidence, environment, 'node'), 'utf8').trim();
    assert.equal(version, spawnSync(NODE, ['--version'], { encoding: 'utf8' }).stdout.trim());
    const lint = read(environment, 'lint');
    const tests = read(environment, 'test');
    assert.deepEqual([lint.outcome, tests.outcome], ['success', 'success'], stdout);
    const { findings, errors, warnings, notices } = lint.outputs;
    assert.deepEqual([findings, errors, warnings, notices], ['1', '0', '1', '0']);
    assert.deepEqual([tests.outputs.tests, tests.outputs.failed, tests.outputs.skipped], ['12', '0', '1']);
    for (const { outputs } of [lint, tests]) {
      assert.equal(outputs.status, 'success');
      assert.equal(outputs.code, '');
      assert.equal(outputs['deployment-id'], `1-${environment}`);
      ids.add(outputs['job-id']);
      const ledger = path.join(evidence, environment, 'state', path.relative('.waybill', outputs.ledger));
      const words = ['--head', outputs['ledger-head'], '--count', outputs['ledger-count']];
      const verified = await commandLine(where, 'verify', ledger, ...words);
      assert.equal(verified.status, 0, verified.stdout.toString());
    }
  }
  assert.equal(ids.size, ENVIRONMENTS.length * 2, 'every step of every leg has a job id of its own');
});
