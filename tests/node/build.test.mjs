// What dist/ and the package must be, whatever the action does.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { builtinModules } from 'node:module';
import { test } from 'node:test';

import { PROJECT } from '../../scripts/lib/paths.mjs';
import { MODULE_LIMIT } from '../../scripts/build.mjs';
import { cleanEnvironment } from '../../scripts/lib/run.mjs';
import { MAIN } from './harness.mjs';

const json = (name) => JSON.parse(fs.readFileSync(path.join(PROJECT, name), 'utf8'));

test('the build is one script and one module, and small', () => {
  assert.deepEqual(fs.readdirSync(path.dirname(MAIN)).sort(), ['main.cjs', 'waybill.wasm']);
  const { size } = fs.statSync(path.join(path.dirname(MAIN), 'waybill.wasm'));
  assert.ok(size <= MODULE_LIMIT, `${size} bytes`);
});

test('the script needs nothing but Node', () => {
  const script = fs.readFileSync(MAIN, 'utf8');
  const required = [...script.matchAll(/\b(?:require|import)\(["']([^"']+)["']\)/g)].map(([, name]) => name);
  assert.ok(required.length > 0);
  const foreign = required.filter((name) => !name.startsWith('node:') || !builtinModules.includes(name.slice(5)));
  assert.deepEqual(foreign, []);
});

test('no path of the machine that built it is in the build', () => {
  const folder = path.dirname(MAIN);
  const bytes = fs
    .readdirSync(folder)
    .map((name) => fs.readFileSync(path.join(folder, name), 'latin1'))
    .join('');
  for (const found of [PROJECT, os.homedir(), '.cargo/', '.rustup/'].filter((part) => bytes.includes(part))) {
    // A home folder may be as short as `/root`: only as the start of a path does it betray anything.
    assert.ok(found === os.homedir() && !bytes.includes(`${found}/`), `${found} is in the build`);
  }
});

test('the package has nothing to install at run time, and its lock names no registry', () => {
  assert.equal(json('package.json').dependencies, undefined);
  const lock = json('package-lock.json');
  assert.deepEqual(
    Object.entries(lock.packages).filter(([, entry]) => entry.resolved),
    [],
  );
  assert.equal(lock.version, json('package.json').version);
});

test('what a runner says of itself does not reach the programs that tests start', () => {
  process.env.GITHUB_TOKEN_OF_A_TEST = 'x';
  process.env.INPUT_OF_A_TEST = 'x';
  const names = Object.keys(cleanEnvironment({ MORE: '1' }));
  const told = names.filter((name) => /^(GITHUB_|RUNNER_|ACTIONS_|INPUT_|STATE_|CI$|NODE_TEST_CONTEXT)/.test(name));
  assert.deepEqual(told, []);
  assert.ok(names.includes('MORE'));
});
