// How long the action takes from start to finish on a lint that does nothing,
// against Node alone and against the usual way to write an action.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

import { DIST, PROJECT, node24 } from '../lib/paths.mjs';
import { ask, cleanEnvironment } from '../lib/run.mjs';
import { environmentOf } from '../../tests/node/harness.mjs';
import { goal, timePrograms } from './support.mjs';

export const about = 'a whole step, in milliseconds';

// Goals: what the action may add to Node alone, and its part of the other's time.
const ADDED_LIMIT = 25;
const RATIO_LIMIT = 0.85;

// What nearly every action does, and no more.
const ORDINARY = `
import * as core from '@actions/core';
const environment = core.getInput('environment', { required: true });
core.notice('lint passed', { file: 'src/index.js', startLine: 1, title: environment });
core.setOutput('status', 'success');
await core.summary.addHeading('Lint', 2).addTable([[{ data: 'findings', header: true }], ['0']]).write();
`;

// What no lint can do without: a command is run, and its output read.
const ONE_CHILD = `
const child = require('child_process').spawn('bash', ['-c', 'true'], { stdio: ['ignore', 'pipe', 'pipe'] });
child.stdout.resume();
child.stderr.resume();
`;

/** A table for each Node: the machine's own, and a real 24. */
export async function bench() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  try {
    const ordinary = await bundleOrdinary(folder);
    const nodes = [...new Set([process.execPath, node24()].filter(Boolean).map((node) => fs.realpathSync(node)))];
    return nodes.map((node) => onNode(node, folder, ordinary));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function bundleOrdinary(folder) {
  const { build } = createRequire(path.join(PROJECT, 'package.json'))('esbuild');
  const outfile = path.join(folder, 'ordinary.cjs');
  const stdin = { contents: `(async () => {${ORDINARY.replace(/^import.*$/m, '')}})();`, resolveDir: PROJECT };
  stdin.contents = `${ORDINARY.match(/^import.*$/m)[0]}\n${stdin.contents}`;
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' });
  return outfile;
}

let count = 0;

function onNode(node, folder, ordinary) {
  // Each run has a workspace and runner's files of its own, as each step of a workflow has its own files.
  const step = (script, inputs) => () => {
    const workspace = path.join(folder, `${(count += 1)}`);
    fs.mkdirSync(workspace);
    const { env, files } = environmentOf(workspace, inputs);
    const check = () => {
      for (const name of ['OUTPUT', 'STEP_SUMMARY']) {
        if (fs.statSync(files[name]).size === 0) throw new Error(`${script} wrote nothing to GITHUB_${name}`);
      }
    };
    return { program: node, arguments: [script], cwd: workspace, env, check };
  };
  const lint = { 'job-type': 'lint', environment: 'development', run: 'true' };
  const bare = 'node -e 0';
  const child = 'node, starting bash -c true';
  const usual = 'a bundle of @actions/core';
  const ours = 'waybill, lint';
  const times = timePrograms({
    [bare]: () => ({ program: node, arguments: ['-e', '0'], cwd: folder, env: cleanEnvironment() }),
    [child]: () => ({ program: node, arguments: ['-e', ONE_CHILD], cwd: folder, env: cleanEnvironment() }),
    [usual]: step(ordinary, lint),
    [ours]: step(path.join(DIST, 'main.cjs'), lint),
  });
  const round = (number) => number.toFixed(1);
  const ratio = (one, other) => (times[one].median / times[other].median).toFixed(2);
  const added = times[ours].median - times[bare].median;
  return {
    title: `Node ${ask(node, ['-p', 'process.versions.node'])}`,
    head: ['', 'min', 'median', 'max', 'over bare', 'of the bundle'],
    rows: Object.entries(times).map(([name, { min, median, max }]) => [
      name,
      ...[min, median, max, median - times[bare].median].map(round),
      ratio(name, usual),
    ]),
    goals: [
      goal(`at most ${ADDED_LIMIT} ms over bare Node`, `${round(added)} ms`, added <= ADDED_LIMIT),
      goal(`at most ${RATIO_LIMIT} of the bundle`, ratio(ours, usual), Number(ratio(ours, usual)) <= RATIO_LIMIT),
    ],
  };
}
