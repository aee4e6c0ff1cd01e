// Vercel's own command line, run against the stand-in: the reference client.

import path from 'node:path';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';

import { VERCEL_CLI } from '../../scripts/lib/paths.mjs';
import { cleanEnvironment, strict } from '../../scripts/lib/run.mjs';
import { folder } from './harness.mjs';
import { TOKEN } from './vercel.mjs';

const SCRIPT = path.join(process.env.WAYBILL_VERCEL_CLI || VERCEL_CLI, 'node_modules', 'vercel', 'dist', 'vc.js');

/** Whether it is here; in a build service its absence fails what needs it. */
export const hasCli = existsSync(SCRIPT);

/** Why a test is skipped, or false. */
export const skipWithout = hasCli || strict ? false : "Vercel's own command line is not here";

/** The environment that it runs in: none of the person's own settings. */
export function environment(service) {
  const home = folder('home');
  const env = Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !/proxy$/i.test(name)));
  return {
    ...env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    CI: '1',
    NO_COLOR: '1',
    VERCEL_TELEMETRY_DISABLED: '1',
    VERCEL_ORG_ID: service.team,
    VERCEL_PROJECT_ID: service.project,
  };
}

/** What is given to Node for these words. */
export const command = (service, words) => [SCRIPT, ...words, '--api', service.url, '--token', TOKEN, '--yes'];

/** Runs it in a folder; what it printed and how it ended. */
export async function cli(service, cwd, ...words) {
  const child = spawn(process.execPath, command(service, words), {
    cwd,
    env: environment(service),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const taken = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => taken.push(piece));
  const status = await new Promise((resolve) => child.on('close', resolve));
  return { status, text: Buffer.concat(taken).toString() };
}

/** Writes a prebuilt output, given as path and content, below a folder. */
export function writeOutput(where, files) {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(where, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
