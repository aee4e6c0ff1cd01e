// Starting other programs: plainly, with an environment that says nothing about
// the machine that we happen to run on.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// What runners and other build services tell their steps. The action reads some
// of it, so a test that inherits it would not test what it says.
const TELLTALE =
  /^(GITHUB_|RUNNER_|ACTIONS_|INPUT_|STATE_|WAYBILL_|GITLAB_|CIRCLE|TRAVIS|BUILDKITE|JENKINS_|TEAMCITY_|APPVEYOR)/i;
const TELLTALES = new Set(
  ['CI', 'CONTINUOUS_INTEGRATION', 'TF_BUILD', 'BUILD_NUMBER', 'BUILD_ID', 'RUN_ID', 'NODE_OPTIONS', 'NODE_PATH'].concat(
    ['NODE_TEST_CONTEXT', 'FORCE_COLOR', 'NODE_DEBUG', 'NODE_V8_COVERAGE'],
  ),
);

/** The environment without what a runner, a build service or npm put there, and with `more`. */
export function cleanEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !TELLTALE.test(name) && !TELLTALES.has(name.toUpperCase()) && !/^npm_/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...more };
}

/** Whether a missing component is a failure (a build service) or a skip (a person's machine). */
export const strict = /^(true|1)$/i.test(process.env.CI ?? '') || process.env.WAYBILL_STRICT === '1';

/** A program that could not be started, or ended with anything but 0. */
export class CommandError extends Error {}

/**
 * Runs a program to its end and gives what it printed on standard output.
 * Its output is shown as it comes unless `quiet`; then it is shown only if the
 * program fails. Throws a `CommandError`, which has the output as `printed`,
 * also when the program takes longer than `minutes`.
 */
export function run(program, programArguments, { cwd, env = cleanEnvironment(), quiet = false, minutes = 30 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: minutes * 60_000,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const out = [];
    const all = [];
    const take = (from, to, keep) =>
      from.on('data', (piece) => {
        keep?.push(piece);
        if (quiet) all.push(piece);
        else to.write(piece);
      });
    take(child.stdout, process.stdout, out);
    take(child.stderr, process.stderr);
    child.on('error', (error) => reject(new CommandError(`${program} could not be started: ${error.message}`)));
    child.on('close', (status, signal) => {
      const printed = Buffer.concat(out).toString();
      if (status === 0) return resolve(printed);
      if (quiet) process.stderr.write(Buffer.concat(all));
      const what = [path.basename(program), ...programArguments].join(' ');
      const how = signal ? `was ended by ${signal}` : `ended with ${status}`;
      reject(Object.assign(new CommandError(`\`${what}\` ${how}`), { printed }));
    });
  });
}

/** What a program prints on standard output, trimmed; undefined if it is missing or fails. */
export function ask(program, programArguments, { cwd, env = cleanEnvironment() } = {}) {
  const answer = spawnSync(program, programArguments, { cwd, env, encoding: 'utf8', windowsHide: true });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

/** The full path of a program on PATH, or undefined. */
export function onPath(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((each) => path.join(folder, each))).find((file) => existsSync(file));
}

/** Whether a module is what Node was started with, and not imported by another. */
export const isCommand = (url) => url === pathToFileURL(process.argv[1]).href;

/** Runs a command's work; what goes wrong is said in one message, and ends the process with 1. */
export async function orSayWhy(work) {
  try {
    await work();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
