// Runs the built action as a runner does: the same variables, fresh empty files
// to write to, a workspace of its own, standard input closed.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';

import { DIST } from '../../../scripts/lib/paths.mjs';
import { cleanEnvironment } from '../../../scripts/lib/run.mjs';

/** The build under test: the committed one, or one that was just made. */
export const ACTION = path.join(process.env.WAYBILL_DIST ?? DIST, 'main.cjs');

const RUNNER_FILES = ['output', 'state', 'env', 'path', 'step_summary'];

/** A folder that is gone after the test `t`. */
export function scratch(t) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-')));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Writes files into a folder: `{ 'a/b.txt': 'text' }`. */
export function writeFiles(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
}

/** The variables that a runner sets for a step, with the step's own files in `folder`. */
export function runnerEnvironment(folder, workspace) {
  const files = RUNNER_FILES.map((name) => [`GITHUB_${name.toUpperCase()}`, path.join(folder, `file_commands_${name}`)]);
  for (const [, file] of files) fs.writeFileSync(file, '');
  const event = path.join(folder, 'event.json');
  if (!fs.existsSync(event)) fs.writeFileSync(event, '{}');
  const temp = path.join(folder, 'temp');
  fs.mkdirSync(temp, { recursive: true });
  const platform = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: event,
    GITHUB_JOB: 'check',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REPOSITORY: 'octo/shop',
    GITHUB_REPOSITORY_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1234567',
    GITHUB_RUN_NUMBER: '8',
    GITHUB_SERVER_URL: 'http://127.0.0.1:9',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_TRIGGERING_ACTOR: 'octocat',
    GITHUB_WORKFLOW: 'Pipeline',
    GITHUB_WORKSPACE: workspace,
    RUNNER_ARCH: process.arch.toUpperCase(),
    RUNNER_NAME: 'test',
    RUNNER_OS: platform[process.platform] ?? 'Linux',
    RUNNER_TEMP: temp,
    ...Object.fromEntries(files),
  };
}

/** The variable that carries an input. */
export const inputName = (name) => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;

/**
 * Runs a stage of the action in the workspace `cwd` and gives its exit status,
 * what it printed, and what the runner would have read from its files.
 * `started` gets the child, to signal it. A stage gets fresh files; what one
 * saved, `state`, is handed to the next by the caller.
 */
export async function runAction(t, { inputs = {}, environment = {}, cwd, state = {}, arguments: given = [], started } = {}) {
  const folder = scratch(t);
  const workspace = cwd ?? path.join(folder, 'workspace');
  fs.mkdirSync(workspace, { recursive: true });
  const runner = runnerEnvironment(folder, workspace);
  const entries = (of, name) => Object.fromEntries(Object.entries(of).map(([key, value]) => [name(key), value]));
  const env = cleanEnvironment({
    ...runner,
    ...entries(inputs, inputName),
    ...entries(state, (key) => `STATE_${key}`),
    ...environment,
  });
  const result = await runScript([ACTION, ...given], { cwd: workspace, env, started });
  const read = (name) => fs.readFileSync(runner[`GITHUB_${name}`], 'utf8');
  return {
    ...result,
    workspace,
    outputs: parseKeyValues(read('OUTPUT')),
    state: parseKeyValues(read('STATE')),
    environment: parseKeyValues(read('ENV')),
    path: read('PATH').split('\n').filter(Boolean),
    summary: read('STEP_SUMMARY'),
  };
}

/** Runs the action's command line, outside of any workflow. */
export function runCommand(programArguments, { cwd, environment = {} } = {}) {
  return runScript([ACTION, ...programArguments], { cwd, env: cleanEnvironment(environment) });
}

function runScript(programArguments, { cwd, env, started }) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, programArguments, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { stdout: [], stderr: [] };
    for (const [name, pieces] of Object.entries(printed)) child[name].on('data', (piece) => pieces.push(piece));
    child.on('error', reject);
    child.on('close', (status, signal) => {
      const text = (pieces) => Buffer.concat(pieces).toString();
      resolve({ status, signal, stdout: text(printed.stdout), stderr: text(printed.stderr) });
    });
    started?.(child);
  });
}

/**
 * The runner's own reading of its key and value files: `name=value`, or
 * `name<<delimiter`, lines, `delimiter`. Throws where the runner fails the step.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function parseKeyValues(text) {
  const found = {};
  let at = 0;
  const line = () => {
    if (at >= text.length) return undefined;
    const end = text.indexOf('\n', at);
    const here = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    return here;
  };
  for (let head = line(); head !== undefined; head = line()) {
    if (head === '') continue;
    const [equals, heredoc] = [head.indexOf('='), head.indexOf('<<')];
    if (equals < 0 && heredoc < 0) throw new Error(`invalid format: ${head}`);
    const simple = heredoc < 0 || (equals >= 0 && equals < heredoc);
    const [name, rest] = simple
      ? [head.slice(0, equals), head.slice(equals + 1)]
      : [head.slice(0, heredoc), head.slice(heredoc + 2)];
    if (name === '') throw new Error(`a name is empty: ${head}`);
    if (simple) {
      found[name] = rest;
      continue;
    }
    if (rest === '') throw new Error(`a delimiter is empty: ${head}`);
    const lines = [];
    for (let next = line(); next !== rest; next = line()) {
      if (next === undefined) throw new Error(`no delimiter ${rest} ends ${name}`);
      lines.push(next);
    }
    found[name] = lines.join('\n');
  }
  return found;
}
