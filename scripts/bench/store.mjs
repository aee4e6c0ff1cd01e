// How long a tree takes into the run's artifact service: our whole build, which
// packs it, hashes it, writes its waybill and stores both, against npm's own
// client, which is handed the tar ready made. Both speak to the same stand-in.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';

import { DIST, PROJECT, fromNpm, node24 } from '../lib/paths.mjs';
import { cleanEnvironment } from '../lib/run.mjs';
import { commitAll, environmentOf } from '../../tests/node/harness.mjs';
import { goal, timePrograms } from './support.mjs';

export const about = 'a tree of 10,000 small files and 200 MB into the artifact service, in milliseconds';

const BUILT = process.env.WAYBILL_DIST || DIST;
const RATIO_LIMIT = 0.7;
const ROUNDS = Number(process.env.WAYBILL_BENCH_ROUNDS ?? 3);
const SMALL_FILES = 10_000;
const LARGE_FILES = 20;
const LARGE_SIZE = 10_000_000;

export async function bench() {
  const node = node24() ?? process.execPath;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  const service = await serviceApart();
  try {
    return [onNode(node, tree(folder), folder, service.environment)];
  } finally {
    await service.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The stand-in on a thread of its own: this one waits for the programs that it times. */
async function serviceApart() {
  const file = pathToFileURL(path.join(PROJECT, 'tests', 'node', 'artifacts.mjs')).href;
  const lines = `
import { parentPort } from 'node:worker_threads';
import { artifactService } from ${JSON.stringify(file)};
const { environment } = await artifactService({ keep: false });
parentPort.postMessage(environment);`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(lines)}`));
  const environment = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { environment, stop: () => worker.terminate() };
}

/** What a site's output looks like: text that compresses as scripts and styles do. */
function tree(folder) {
  const workspace = path.join(folder, 'workspace');
  const site = path.join(workspace, 'dist');
  const words = Array.from({ length: 4096 }, (_, at) => ((at * 2654435761) >>> 0).toString(36));
  let state = 1;
  const text = (size) => {
    const parts = [];
    for (let length = 0; length < size; ) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      parts.push(words[state >>> 20]);
      length += parts.at(-1).length + 1;
    }
    return parts.join(' ').slice(0, size);
  };
  for (let at = 0; at < SMALL_FILES; at += 1) {
    const place = path.join(site, `part-${at % 100}`);
    if (at < 100) fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, `chunk-${at}.js`), text(2000));
  }
  for (let at = 0; at < LARGE_FILES; at += 1) fs.writeFileSync(path.join(site, `large-${at}.js`), text(LARGE_SIZE));
  fs.writeFileSync(path.join(workspace, '.gitignore'), 'dist\n');
  commitAll(workspace);
  const tar = path.join(folder, 'site.tar');
  const packed = spawnSync('tar', ['--sort=name', '-cf', tar, '-C', site, '.'], { encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`tar failed: ${packed.stderr}`);
  return { workspace, tar };
}

let count = 0;

function onNode(node, { workspace, tar }, folder, service) {
  const upload = path.join(folder, 'upload.mjs');
  fs.writeFileSync(
    upload,
    `import { DefaultArtifactClient } from ${JSON.stringify(pathToFileURL(fromNpm('@actions', 'artifact', 'lib', 'artifact.js')).href)};
const { size } = await new DefaultArtifactClient().uploadArtifact(process.argv[2], [process.argv[3]], process.argv[4]);
if (!(size > 0)) process.exitCode = 1;`,
  );
  const theirs = "npm's @actions/artifact, of a tar";
  const ours = 'waybill, build-frontend of the folder';
  const times = timePrograms(
    {
      [theirs]: () => ({
        program: node,
        arguments: [upload, `upload-${(count += 1)}`, tar, folder],
        cwd: folder,
        env: { ...cleanEnvironment(), ...service, GITHUB_WORKSPACE: workspace },
      }),
      [ours]: () => {
        const inputs = { 'job-type': 'build-frontend', path: 'dist', store: 'actions' };
        const { env } = environmentOf(workspace, inputs, { context: { ...service, GITHUB_JOB: `job-${(count += 1)}` } });
        return { program: node, arguments: [path.join(BUILT, 'main.cjs')], cwd: workspace, env };
      },
    },
    ROUNDS,
  );
  const ratio = times[ours].median / times[theirs].median;
  return {
    title: `${SMALL_FILES} files and ${(LARGE_FILES * LARGE_SIZE) / 1e6} MB`,
    head: ['', 'min', 'median', 'max'],
    rows: Object.entries(times).map(([name, { min, median, max }]) => [name, ...[min, median, max].map((time) => time.toFixed(0))]),
    goals: [goal(`at most ${RATIO_LIMIT} of npm's client`, ratio.toFixed(2), ratio <= RATIO_LIMIT)],
  };
}
