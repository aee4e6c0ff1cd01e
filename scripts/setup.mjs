// Sets up what building and testing need, on a machine with Rust, Node and
// Python. Each step says what it does and is skipped when nothing is to be done.
//
//   node scripts/setup.mjs
//
// The build, the tests and the rehearsal call this themselves. Everything lands
// in the project (`.cache`, `node_modules`), but for the standard library of the
// wasm32 target, which belongs to the toolchain.

import path from 'node:path';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { CACHE, PROJECT, VERCEL_CLI, fromNpm, fromVenv, node24 } from './lib/paths.mjs';
import { ask, cleanEnvironment, isCommand, onPath, orSayWhy, run, strict } from './lib/run.mjs';
import { CHANNEL, TARGET, cargoEnvironment, findToolchain } from './lib/toolchain.mjs';
import { VERSION, wasmBindgen, wasmBindgenTestRunner } from './lib/wasm-bindgen.mjs';

const REQUIREMENTS = path.join(PROJECT, 'scripts', 'requirements.txt');
const LOCKFILE = path.join(PROJECT, 'package-lock.json');
const VERCEL_LOCK = path.join(PROJECT, 'tests', 'vercel-cli', 'package-lock.json');
const windows = process.platform === 'win32';
/** Debian's packages, and the programs in them. */
const IMAGE_TOOLS = ['umoci', 'skopeo', 'buildah'];
// The server that migrations are tested on, and the pooler that they refuse.
const DATABASE_TOOLS = ['postgresql', 'pgbouncer'];
const hasDatabase = () =>
  (existsSync('/usr/lib/postgresql') || onPath('initdb') !== undefined) &&
  (existsSync('/usr/sbin/pgbouncer') || onPath('pgbouncer') !== undefined);

// What is installed by a lock carries the lock's digest, so that a changed lock is noticed.
const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const stamped = (stamp, lock) => existsSync(stamp) && readFileSync(stamp, 'utf8') === digest(lock);
const npmStamp = fromNpm('.waybill-lock');
const venvStamp = path.join(CACHE, 'venv', '.waybill-lock');

/**
 * Every step: what it is `for` (all that needs it), whether it `isDone`, what
 * it is `doing`, and how to do it. Steps of one `chain` follow one another; the
 * chains run side by side.
 */
const STEPS = [
  {
    name: 'the wasm32 standard library',
    for: ['build', 'test'],
    chain: 'cargo',
    isDone: () => findToolchain() !== undefined,
    doing: `rustup target add ${TARGET}`,
    async act() {
      try {
        await addTarget();
        if (!findToolchain()) throw new Error('it says that it has, but it is not there');
      } catch (error) {
        await addDistribution(error);
      }
    },
  },
  {
    name: 'the crates',
    for: ['build', 'test'],
    chain: 'cargo',
    isDone: () => fetched(),
    doing: 'cargo fetch --locked',
    act: () => run('cargo', ['fetch', '--locked'], { cwd: PROJECT, env: cargoEnvironment(), quiet: true }),
  },
  {
    name: `wasm-bindgen ${VERSION}`,
    for: ['build', 'test'],
    chain: 'cargo',
    isDone: () => wasmBindgen() !== undefined && wasmBindgenTestRunner() !== undefined,
    doing: `cargo install wasm-bindgen-cli --version ${VERSION} --locked (some minutes, once)`,
    act: installWasmBindgen,
  },
  {
    name: "npm's packages",
    for: ['build', 'test', 'bench', 'start'],
    chain: 'npm',
    isDone: () => stamped(npmStamp, LOCKFILE),
    doing: 'npm ci',
    async act() {
      await npm(['ci', '--no-audit', '--no-fund']);
      writeFileSync(npmStamp, digest(LOCKFILE));
    },
  },
  {
    name: "Vercel's own command line",
    for: ['test', 'bench'],
    optional: true,
    chain: 'npm',
    isDone: () => stamped(path.join(VERCEL_CLI, '.waybill-lock'), VERCEL_LOCK),
    doing: 'npm install, in .cache/vercel-cli',
    async act() {
      mkdirSync(VERCEL_CLI, { recursive: true });
      for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
        cpSync(path.join(path.dirname(VERCEL_LOCK), name), path.join(VERCEL_CLI, name));
      }
      // Not `ci`: it insists on the programs of every platform, and a registry may lack some.
      await npm(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], VERCEL_CLI);
      writeFileSync(path.join(VERCEL_CLI, '.waybill-lock'), digest(VERCEL_LOCK));
    },
  },
  {
    name: 'the tools from PyPI',
    for: ['test'],
    optional: true,
    chain: 'python',
    isDone: () => stamped(venvStamp, REQUIREMENTS),
    doing: 'pip install -r scripts/requirements.txt, in .cache/venv',
    act: makeVenv,
  },
  {
    name: 'the tools that write images',
    for: ['test', 'bench'],
    optional: true,
    chain: 'system',
    isDone: () => IMAGE_TOOLS.every((name) => onPath(name)),
    doing: `apt-get install ${IMAGE_TOOLS.join(' ')}`,
    act: () => installFromDistribution(IMAGE_TOOLS, 'they are programs of the system'),
  },
  {
    name: 'PostgreSQL and pgbouncer',
    for: ['test', 'bench'],
    optional: true,
    chain: 'system',
    isDone: hasDatabase,
    doing: `apt-get install ${DATABASE_TOOLS.join(' ')}`,
    act: () => installFromDistribution(DATABASE_TOOLS, 'they are programs of the system'),
  },
  {
    name: 'a real Node 24',
    for: ['test', 'bench'],
    optional: true,
    chain: 'last',
    isDone: () => node24() !== undefined,
    doing: 'looking for what the steps before should have brought',
    act: () => Promise.reject(new Error('neither npm nor PyPI has one for this machine')),
  },
];

/**
 * Does what is left to do for one purpose: `build`, `test`, `bench`, `start`. Gives the
 * components that could not be had and that one can do without, each with its
 * reason; throws where the purpose cannot be reached, and in a build service
 * for every one.
 */
export async function setUp({ for: purpose, say = console.log }) {
  const missing = [];
  const steps = STEPS.filter((step) => step.for.includes(purpose));
  const runChain = async (chain) => {
    for (const step of steps.filter((each) => each.chain === chain)) {
      if (step.isDone()) continue;
      say(`set-up: ${step.name}: ${step.doing}`);
      const begun = Date.now();
      try {
        await step.act();
        if (!step.isDone()) throw new Error('it is still not there');
        say(`set-up: ${step.name}: done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
      } catch (error) {
        const reason = `${step.name} cannot be had: ${error.message}`;
        if (!step.optional || strict) throw new Error(reason, { cause: error });
        say(`set-up: ${reason}`);
        missing.push(reason);
      }
    }
  };
  const results = await Promise.allSettled(['cargo', 'npm', 'python', 'system'].map(runChain));
  const failed = results.filter((result) => result.status === 'rejected').map((result) => result.reason.message);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  await runChain('last');
  return missing;
}

function fetched() {
  const options = { cwd: PROJECT, env: cargoEnvironment() };
  return ask('cargo', ['fetch', '--locked', '--offline'], options) !== undefined;
}

async function addTarget() {
  if (!onPath('rustup')) throw new Error('there is no rustup');
  const installed = ask('rustup', ['toolchain', 'list'], { env: cargoEnvironment() }) ?? '';
  const has = installed.split('\n').some((line) => line.startsWith(`${CHANNEL}-`));
  const whole = ['toolchain', 'install', CHANNEL, '--profile', 'minimal', '-c', 'clippy', '-c', 'rustfmt', '-t', TARGET];
  const target = ['target', 'add', TARGET, '--toolchain', CHANNEL];
  await run('rustup', has ? target : whole, { cwd: PROJECT, env: cargoEnvironment(), quiet: true });
}

/** On a closed network: a distribution's compiler, which builds the standard library from its sources. */
async function addDistribution(cause) {
  const packages = ['rustc-web', 'cargo-web', 'rust-web-src', 'lld-19'];
  const how = `rustup could not add it (${cause.message}); Debian's ${packages.join(' ')} would do`;
  await installFromDistribution(packages, how);
}

/** Debian's packages, where that is the system and we are allowed to; `how` says why they are wanted. */
async function installFromDistribution(packages, how) {
  if (!onPath('apt-get')) throw new Error(how);
  if (process.getuid?.() !== 0) throw new Error(`${how}: run \`apt-get install ${packages.join(' ')}\` as root`);
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive' });
  // Another step may be installing at the same time.
  const patience = ['-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', ['update', '-q', ...patience], { env, quiet: true });
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...patience, ...packages], { env, quiet: true });
}

async function installWasmBindgen() {
  const root = path.join(CACHE, 'cargo');
  const folders = ['--root', root, '--target-dir', path.join(root, 'target')];
  const parts = ['--no-default-features', '--bin', 'wasm-bindgen', '--bin', 'wasm-bindgen-test-runner'];
  const what = ['install', 'wasm-bindgen-cli', '--version', VERSION, '--locked', '--force', '--quiet', ...parts];
  // It runs for a blink on one small module: to compile it fast matters more than to make it fast.
  const env = cargoEnvironment({
    CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '256',
  });
  await run('cargo', [...what, ...folders], { cwd: PROJECT, env, quiet: true });
  rmSync(path.join(root, 'target'), { recursive: true, force: true });
}

/** npm, whichever way it can be called: on Windows it is no program of its own. */
function npm(programArguments, cwd = PROJECT) {
  const options = { cwd, quiet: true };
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script)) return run(process.execPath, [script, ...programArguments], options);
  if (windows) return run('cmd.exe', ['/d', '/s', '/c', ['npm', ...programArguments].join(' ')], options);
  return run('npm', programArguments, options);
}

async function makeVenv() {
  const launchers = windows ? [['python'], ['py', '-3'], ['python3']] : [['python3'], ['python']];
  const works = ([program, ...first]) => ask(program, [...first, '-c', 'import venv, ensurepip']) !== undefined;
  const launcher = launchers.find(works);
  if (!launcher) throw new Error('there is no Python 3 with its venv module');
  const folder = path.join(CACHE, 'venv');
  mkdirSync(CACHE, { recursive: true });
  await run(launcher[0], [...launcher.slice(1), '-m', 'venv', '--clear', folder], { cwd: PROJECT, quiet: true });
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const pinned = ['--require-hashes', '--only-binary=:all:', '-r', REQUIREMENTS];
  await run(fromVenv('python'), ['-m', 'pip', 'install', ...quietly, ...pinned], { cwd: PROJECT, quiet: true });
  writeFileSync(venvStamp, digest(REQUIREMENTS));
}

if (isCommand(import.meta.url)) {
  await orSayWhy(async () => {
    await setUp({ for: 'test' });
    console.log('set-up: all is there');
  });
}
