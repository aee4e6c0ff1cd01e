// Runs every test and check, and closes with one honest line of totals.
//
//   node scripts/test.mjs [part of a step's name...]     only those steps
//
// Every step counts what its runner counted; a check counts as one. A step that
// ran no test has failed. What cannot be run here is a skip with its name, and
// in a build service (CI=true) a failure.

import path from 'node:path';
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';

import { DIST, PROJECT, fromVenv, node24 } from './lib/paths.mjs';
import { ask, cleanEnvironment, run, strict } from './lib/run.mjs';
import { TARGET, cargoEnvironment, findToolchain } from './lib/toolchain.mjs';
import { wasmBindgenTestRunner } from './lib/wasm-bindgen.mjs';
import { REBUILT, checkDist } from './check-dist.mjs';
import { outdated } from './generate.mjs';
import { setUp } from './setup.mjs';

/** What a test may know about this run, beside a clean environment. */
const KNOWN = {
  ...(strict ? { WAYBILL_STRICT: '1' } : {}),
  ...(process.env.WAYBILL_CORPUS ? { WAYBILL_CORPUS: process.env.WAYBILL_CORPUS } : {}),
};

/** Thrown by a step that cannot be run here. */
class Skip extends Error {}

const nothing = () => ({ passed: 0, failed: 0, skipped: 0, skips: [] });

function add(one, other) {
  const sum = { skips: [...one.skips, ...other.skips] };
  for (const key of ['passed', 'failed', 'skipped']) sum[key] = one[key] + other[key];
  return sum;
}

// Set-up is over when a test runs: from here on nothing is fetched.
const offline = (more = {}) => cargoEnvironment({ ...KNOWN, CARGO_NET_OFFLINE: 'true', ...more });
function wasmOffline(more = {}) {
  const { environment, flags } = findToolchain();
  // The crates of a standard library that is built along are not among those that set-up fetches.
  const closed = flags.length === 0 ? { CARGO_NET_OFFLINE: 'true' } : {};
  return { ...environment, ...KNOWN, ...closed, ...more };
}

/** A program whose success is the check. */
async function check(program, programArguments, env = cleanEnvironment()) {
  await run(program, programArguments, { cwd: PROJECT, env, quiet: true });
  return { ...nothing(), passed: 1 };
}

/** `cargo test` and what speaks like it: totals are summed over its binaries. */
async function cargoTests(programArguments, env, cargo = 'cargo') {
  const read = (printed) => {
    let total = nothing();
    for (const [, ...numbers] of printed.matchAll(/^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
      const [passed, failed, skipped] = numbers.map(Number);
      total = add(total, { passed, failed, skipped, skips: [] });
    }
    const ignored = [...printed.matchAll(/^test (\S+) .*\.\.\. ignored(?:, (.*))?$/gm)];
    const red = [...printed.matchAll(/^test (\S+) .*\.\.\. FAILED$/gm)].map(([, name]) => name);
    const skips = ignored.map(([, name, why]) => `${name}: ${why ?? 'ignored'}`);
    return { ...total, skips, trouble: red.length > 0 ? red.join('\n') : undefined };
  };
  return counted(() => run(cargo, ['test', '--locked', ...programArguments], { cwd: PROJECT, env, quiet: true }), read);
}

/** The tests in tests/node/, each file a process of its own, on one Node and one build of the action. */
async function nodeTests(node, dist) {
  const folder = path.join(PROJECT, 'tests', 'node');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort() : [];
  const files = names.map((name) => path.join('tests', 'node', name));
  if (files.length === 0) return nothing();
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'waybill-test-'));
  const tap = path.join(scratch, 'tap');
  const reporters = ['spec', 'stdout', 'tap', tap];
  const report = ['reporter', 'reporter-destination', 'reporter', 'reporter-destination'];
  const flags = report.map((name, at) => `--test-${name}=${reporters[at]}`);
  const env = cleanEnvironment({ ...KNOWN, WAYBILL_DIST: dist });
  const read = () => {
    const text = existsSync(tap) ? readFileSync(tap, 'utf8') : '';
    const of = (name) => Number(text.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
    const skips = [...text.matchAll(/^\s*ok \d+ - (.*?) # (?:SKIP|TODO) ?(.*)$/gm)].map(([, name, why]) => `${name}: ${why}`);
    const red = [...text.matchAll(/^\s*not ok \d+ - (.*?)(?: # .*)?$/gm)].map(([, name]) => name).filter((name) => !/[\\/]/.test(name));
    const counts = { passed: of('pass'), failed: of('fail') + of('cancelled'), skipped: of('skipped') + of('todo') };
    return { ...counts, skips, trouble: red.length > 0 ? red.join('\n') : undefined };
  };
  try {
    return await counted(
      () => run(node, ['--test', '--test-concurrency=2', ...flags, ...files], { cwd: PROJECT, env, quiet: true }),
      read,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The totals of a runner, also when it fails: then at least one test failed. */
async function counted(start, read) {
  try {
    return read(await start());
  } catch (error) {
    const total = read(error.printed ?? '');
    const failed = Math.max(total.failed, 1);
    return { ...total, failed, trouble: total.trouble ?? error.message };
  }
}

/** The workflows of the repository and of the examples, as git knows them. */
function workflows() {
  const listed = ask('git', ['ls-files', '-co', '--exclude-standard', '--', '.github', 'examples'], { cwd: PROJECT });
  const files = (listed ?? '').split('\n').filter((name) => /(^|\/)workflows\/[^/]+\.ya?ml$/.test(name));
  if (files.length === 0) throw new Error('no workflow was found');
  return files;
}

function tool(name) {
  const file = fromVenv(name);
  if (!existsSync(file)) throw new Skip(`${name} is not here`);
  return file;
}

let rebuilt = false;

/** Every step in order: a name, and what gives its totals. */
function steps() {
  const clippy = ['clippy', '--locked', '--quiet'];
  const strictly = ['--', '-D', 'warnings'];
  const wasm = ['--target', TARGET];
  return [
    ['format', () => check('cargo', ['fmt', '--check'])],
    ['clippy, native', () => check('cargo', [...clippy, '--all-targets', ...strictly], offline())],
    ['clippy, wasm32', () => wasmClippy([...clippy, '--lib', '--test', 'wasm', ...wasm, ...strictly])],
    ['generated files', generatedFiles],
    ['native tests', () => cargoTests(['--no-fail-fast'], offline())],
    ['wasm tests', wasmTests],
    ['dist/', distCheck],
    ...nodeSteps(),
    ['actionlint', () => check(tool('actionlint'), ['-shellcheck=', '-pyflakes=', ...workflows()])],
    ['zizmor', () => check(tool('zizmor'), zizmorArguments())],
  ];
}

function wasmClippy(programArguments) {
  const toolchain = findToolchain();
  if (toolchain.flags.length > 0) throw new Skip("the distribution's compiler comes without clippy for wasm32");
  return check('cargo', programArguments, wasmOffline());
}

async function generatedFiles() {
  const files = await outdated();
  if (files.length > 0) throw new Error(`out of date: ${files.join(', ')}; run \`npm run generate\``);
  return { ...nothing(), passed: 1 };
}

function wasmTests() {
  const runner = wasmBindgenTestRunner();
  const { cargo, flags } = findToolchain();
  const env = wasmOffline({ CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: runner });
  return cargoTests(['--target', TARGET, '--test', 'wasm', ...flags], env, cargo);
}

async function distCheck() {
  const { compared, problems, notes } = await checkDist();
  for (const note of notes) console.log(`  ${note}`);
  rebuilt = !compared;
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const skips = compared ? [] : [`dist/ byte for byte: ${notes[0]}`];
  return { ...nothing(), passed: 1, skipped: skips.length, skips };
}

/** On the machine's own Node and on a real 24; a rebuilt dist/ that was not compared is tested too. */
function nodeSteps() {
  const nodes = new Map([[realpathSync(process.execPath), `Node ${process.versions.node}, the machine's own`]]);
  const other = node24();
  if (other) nodes.set(realpathSync(other), `Node ${ask(other, ['-p', 'process.versions.node'])}`);
  const on = (dist, what) => [...nodes].map(([node, name]) => [`${what} on ${name}`, () => nodeTests(node, dist)]);
  const again = on(REBUILT, 'the rebuilt action').map(([name, start]) => [
    name,
    () => (rebuilt ? start() : { ...nothing(), same: true }),
  ]);
  return [...on(DIST, 'the action'), ...again];
}

function zizmorArguments() {
  const others = ['action.yml', '.github/dependabot.yml'].filter((name) => existsSync(path.join(PROJECT, name)));
  return ['--offline', '--no-progress', '--persona', 'pedantic', ...workflows(), ...others];
}

async function main(only) {
  const begun = Date.now();
  const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
  console.log('▶ set-up');
  const missing = await setUp({ for: 'test', say: (text) => console.log(`  ${text}`) });
  console.log(`✔ set-up (${seconds(begun)})`);
  let total = { ...nothing(), skipped: missing.length, skips: missing };
  const failures = [];
  for (const [name, start] of steps()) {
    if (only.length > 0 && !only.some((part) => name.includes(part))) continue;
    const since = Date.now();
    let result = nothing();
    try {
      result = await start();
      if (result.same) continue;
      if (result.passed + result.failed + result.skipped === 0) result = { ...result, failed: 1, trouble: 'it ran no test' };
    } catch (error) {
      const skip = error instanceof Skip && !strict;
      result = skip
        ? { ...result, skipped: 1, skips: [`${name}: ${error.message}`] }
        : { ...result, failed: 1, trouble: error.message };
    }
    total = add(total, result);
    const counts = `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped, ${seconds(since)}`;
    console.log(`${result.failed > 0 ? '✖' : '✔'} ${name} (${counts})`);
    if (result.failed > 0) failures.push(`${name}: ${result.trouble ?? 'see above'}`);
    if (result.trouble) console.log(`  ${result.trouble.replaceAll('\n', '\n  ')}`);
  }
  if (total.skips.length > 0) console.log(`\nSkipped:\n${total.skips.map((skip) => `  ${skip}`).join('\n')}`);
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
  console.log(`\nIn ${seconds(begun)}.`);
  closingLine(total);
}

function closingLine({ passed, failed, skipped }) {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  closingLine({ passed: 0, failed: 1, skipped: 0 });
}
