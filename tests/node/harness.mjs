// Runs dist/ as the runner runs an action: with its variables, its files and
// nothing else of the machine that the tests happen to run on.

import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';

import { DIST, PROJECT } from '../../scripts/lib/paths.mjs';
import { cleanEnvironment } from '../../scripts/lib/run.mjs';
import { readEntries, readPrinted } from './runner.mjs';

/** What the runner is told to run: the committed build, or another one. */
export const MAIN = path.join(process.env.WAYBILL_DIST || DIST, 'main.cjs');

/** The Node that dist/ is run with. */
export const NODE = process.env.NODE_UNDER_TEST || process.execPath;

const TEMP = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'waybill-')));
process.on('exit', () => rmSync(TEMP, { recursive: true, force: true, maxRetries: 3 }));
let folders = 0;

/** A new empty folder, which goes when the process ends. */
export function folder(name = 'folder') {
  const place = path.join(TEMP, `${name}-${++folders}`);
  mkdirSync(place);
  return place;
}

// Proxies of the machine stand between a test and its loopback server.
const PROXY = /^(https?|all|no)_proxy$/i;
const bare = () => Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !PROXY.test(name)));

/** Git that sees no configuration but its own, and always the same people and time. */
export function git(where, ...words) {
  const person = { NAME: 'A Person', EMAIL: 'person@example.com', DATE: '2026-01-02T03:04:05Z' };
  const people = ['AUTHOR', 'COMMITTER'].flatMap((role) =>
    Object.entries(person).map(([key, value]) => [`GIT_${role}_${key}`, value]),
  );
  const none = { GIT_CONFIG_GLOBAL: os.devNull, GIT_CONFIG_NOSYSTEM: '1' };
  const env = { ...bare(), ...none, ...Object.fromEntries(people) };
  const options = ['-c', 'core.autocrlf=false', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...options, ...words], { cwd: where, env, encoding: 'utf8', windowsHide: true }).trim();
}

/** Writes files, given as path and content. */
export function write(where, files) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(where, name)), { recursive: true });
    writeFileSync(path.join(where, name), content);
  }
}

/** Makes a folder a git repository with everything in it committed on `main`. */
export function commitAll(where, message = 'Everything') {
  if (!existsSync(path.join(where, '.git'))) git(where, 'init', '--quiet', '--initial-branch=main');
  git(where, 'add', '--all');
  git(where, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return git(where, 'rev-parse', 'HEAD');
}

/** A checkout with these files, committed. */
export function checkout(files = {}) {
  const where = folder('workspace');
  write(where, files);
  commitAll(where);
  return where;
}

/** A checkout of a folder's copy. */
export function checkoutOf(source) {
  const where = folder('workspace');
  cpSync(source, where, { recursive: true, filter: (name) => !/[\\/](node_modules|\.waybill)$/.test(name) });
  commitAll(where);
  return where;
}

const EXPRESSION = /^\$\{\{\s*(.*?)\s*\}\}$/;

/** The inputs that action.yml declares, with their defaults as the runner would evaluate them. */
export function declaredInputs({ token = '', matrix = null, checkRun = '' } = {}) {
  const leg = JSON.stringify(matrix, null, 2);
  const known = { 'github.token': token, 'job.check_run_id': checkRun, 'toJSON(matrix)': leg };
  const text = readFileSync(path.join(PROJECT, 'action.yml'), 'utf8');
  const inputs = {};
  let section;
  let name;
  for (const line of text.split('\n')) {
    section = line.match(/^(\w+):/)?.[1] ?? section;
    if (section !== 'inputs') continue;
    name = line.match(/^ {2}['"]?([\w-]+)['"]?:/)?.[1] ?? name;
    if (name) inputs[name] ??= '';
    const value = line.match(/^ {4}default: *(['"]?)(.*)\1$/)?.[2];
    if (value === undefined) continue;
    const expression = value.match(EXPRESSION)?.[1];
    assert.ok(expression === undefined || expression in known, `the harness cannot evaluate ${value}`);
    inputs[name] = expression === undefined ? value : known[expression];
  }
  return inputs;
}

const FILES = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'];

/**
 * The environment of a step in `workspace`, with fresh files. `context` replaces
 * variables (undefined removes one), `event` is the payload, `matrix` the leg.
 */
export function environmentOf(workspace, inputs, options = {}) {
  const { context = {}, event = {}, token, matrix, checkRun, state = {} } = options;
  const place = folder('step');
  const temp = path.join(place, 'temp');
  mkdirSync(temp);
  const files = Object.fromEntries(FILES.map((name) => [name, path.join(place, name.toLowerCase())]));
  for (const file of Object.values(files)) writeFileSync(file, '');
  const payload = path.join(place, 'event.json');
  writeFileSync(payload, JSON.stringify(event));
  const commit = existsSync(path.join(workspace, '.git')) ? git(workspace, 'rev-parse', 'HEAD') : '0'.repeat(40);
  const given = { ...declaredInputs({ token, matrix, checkRun }), ...inputs };
  const named = (prefix, values) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, String(value)]));
  const env = {
    ...bare(),
    CI: 'true',
    ...named('', { GITHUB_ACTIONS: 'true', GITHUB_ACTION: '__self', GITHUB_ACTION_PATH: PROJECT }),
    ...named('GITHUB_', Object.fromEntries(FILES.map((name) => [name, files[name]]))),
    GITHUB_ACTOR: 'octocat',
    GITHUB_ACTOR_ID: '583231',
    GITHUB_TRIGGERING_ACTOR: 'octocat',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_GRAPHQL_URL: 'http://127.0.0.1:9/graphql',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: payload,
    GITHUB_JOB: 'check',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_BASE_REF: '',
    GITHUB_HEAD_REF: '',
    GITHUB_REPOSITORY: 'example/shop',
    GITHUB_REPOSITORY_ID: '1000',
    GITHUB_REPOSITORY_OWNER: 'example',
    GITHUB_REPOSITORY_OWNER_ID: '2000',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '7001',
    GITHUB_RUN_NUMBER: '7',
    GITHUB_SHA: commit,
    GITHUB_WORKFLOW: 'Pipeline',
    GITHUB_WORKFLOW_REF: 'example/shop/.github/workflows/pipeline.yml@refs/heads/main',
    GITHUB_WORKFLOW_SHA: commit,
    GITHUB_WORKSPACE: workspace,
    RUNNER_OS: { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[process.platform],
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_NAME: 'a runner',
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: path.join(place, 'tools'),
    RUNNER_WORKSPACE: path.dirname(workspace),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value])),
    ...named('STATE_', state),
    ...context,
  };
  const left = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return { env: left, files, temp };
}

/** The variable in which the runner hands over an input. */
export const inputVariable = (name) => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;

/**
 * Runs dist/ and gives what it printed and how it ended. `words` come after the
 * file, as on the command line; a `signal` is sent once the output has the text
 * `whenPrinted`; without `keep` the output is not kept; `measure` watches the
 * memory; after `limit` milliseconds, or when `abort` says so, it is killed.
 */
export async function runNode(env, options) {
  const {
    workspace,
    words = [],
    whenPrinted,
    signal,
    onPrinted,
    keep = true,
    measure = false,
    limit = 60_000,
    abort,
  } = options;
  const begun = performance.now();
  const child = spawn(NODE, [MAIN, ...words], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const taken = { stdout: [], stderr: [] };
  let signalled;
  const stop = setTimeout(() => child.kill('SIGKILL'), limit);
  for (const name of ['stdout', 'stderr']) {
    child[name].on('data', (piece) => {
      if (keep) taken[name].push(piece);
      onPrinted?.(piece);
      if (signal && !signalled && Buffer.concat(taken.stdout).includes(whenPrinted)) {
        signalled = performance.now();
        child.kill(signal);
      }
    });
  }
  abort?.addEventListener('abort', () => child.kill('SIGKILL'));
  let peak = 0;
  const look = measure && setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 5);
  const [status, ending] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  });
  clearTimeout(stop);
  clearInterval(look);
  const ended = performance.now();
  const stdout = Buffer.concat(taken.stdout);
  const stderr = Buffer.concat(taken.stderr);
  return {
    ...{ status, signal: ending, stdout, stderr, peak },
    milliseconds: ended - begun,
    sinceSignal: signalled && ended - signalled,
  };
}

/** The most memory that a process has held so far, in bytes; 0 where the system does not say. */
function peakOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB/m)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Whether this machine tells how much memory a process has held. */
export const canMeasure = existsSync('/proc/self/status');

/**
 * Runs one stage of a step in a workspace, and reads what it printed and wrote.
 * Give `state` (and `context.…`) of a result to run its `post`.
 */
export async function step(workspace, inputs, options = {}) {
  const { env, files, temp } = environmentOf(workspace, inputs, options);
  const ran = await runNode(env, { workspace, ...options });
  const text = Object.fromEntries(FILES.map((name) => [name, readFileSync(files[name], 'utf8')]));
  return {
    ...ran,
    ...readPrinted(Buffer.concat([ran.stdout, ran.stderr])),
    outputs: Object.fromEntries(readEntries(text.OUTPUT)),
    state: Object.fromEntries(readEntries(text.STATE)),
    exported: Object.fromEntries(readEntries(text.ENV)),
    paths: text.PATH.split('\n').filter(Boolean),
    summary: text.STEP_SUMMARY,
    written: text,
    temp,
    env,
  };
}

/** The post stage of a step that was run: the same instance, with fresh files and what main saved. */
export function post(workspace, inputs, main, options = {}) {
  return step(workspace, inputs, { ...options, state: main.state });
}

/** The command line of dist/: `verify`, `explain`. */
export const commandLine = (where, ...words) => runNode(bare(), { workspace: where, words });

/** The lines of a job's ledger. */
export function ledgerOf(workspace, result) {
  const file = path.resolve(workspace, result.outputs.ledger);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Whether a process still runs; one that has ended and was not yet asked after does not. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
