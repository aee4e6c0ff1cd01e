// How long a deployment of 5,000 files takes of which 200 are new, over a line
// with 30 ms of latency a request, against Vercel's own command line.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';

import { DIST, node24 } from '../lib/paths.mjs';
import { checkout, environmentOf, git } from '../../tests/node/harness.mjs';
import { tar, waybill } from '../../tests/node/packed.mjs';
import { command, environment, hasCli } from '../../tests/node/vercel-cli.mjs';
import { TOKEN, vercel } from '../../tests/node/vercel.mjs';
import { goal, spread } from './support.mjs';

export const about = 'a deployment to Vercel, in milliseconds';

const FILES = 5000;
const NEW = 200;
const LATENCY = 30;
const ROUNDS = Number(process.env.WAYBILL_BENCH_ROUNDS ?? 5);
const RATIO_LIMIT = 0.5;
const MEMORY_LIMIT = 200;

/** A site: every file differs from all others, and `changed` of them from other versions. */
function site(version, changed) {
  const files = { '.vercel/output/config.json': '{"version":3}' };
  for (let at = 0; at < FILES - 1; at += 1) {
    const of = at < changed ? version : 'same';
    files[`.vercel/output/static/assets/${at % 50}/${at}.js`] = `// file ${at} of ${of}\n${'export const x = 1;\n'.repeat(20 + (at % 200))}`;
  }
  return files;
}

/** A program's time and the most memory that it held, in milliseconds and MiB. */
function timed(program, given, cwd, env) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(program, given, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const taken = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => taken.push(piece));
    let peak = 0;
    const look = setInterval(() => {
      try {
        const [, kib] = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB/m) ?? [];
        peak = Math.max(peak, Number(kib ?? 0) / 1024);
      } catch {
        // Only Linux tells, and only of a process that runs.
      }
    }, 10);
    child.on('close', (status) => {
      clearInterval(look);
      if (status !== 0) reject(new Error(`${given[0]} ended with ${status}:\n${Buffer.concat(taken)}`));
      else resolve({ time: performance.now() - begun, peak });
    });
  });
}

async function withService(files, deploy) {
  const service = await vercel({ latency: LATENCY });
  try {
    await service.served({});
    const { createHash } = await import('node:crypto');
    // All but what is new is there from an earlier deployment.
    for (const text of Object.values(files)) {
      if (/of new-/.test(text)) continue;
      const bytes = Buffer.from(text);
      service.state.files.set(createHash('sha1').update(bytes).digest('hex'), bytes);
    }
    return await deploy(service);
  } finally {
    await service.close();
  }
}

/** One table. Without the command line there is nothing to compare with. */
export async function bench() {
  if (!hasCli) throw new Error("Vercel's own command line is not here: run `npm run setup`");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  const node = node24() ?? process.execPath;
  const main = path.join(process.env.WAYBILL_DIST || DIST, 'main.cjs');
  const results = { 'vercel deploy --prebuilt, then promote': [], 'waybill, deploy-frontend': [] };
  const [theirs, ours] = Object.keys(results);
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const files = site(`new-${round}`, NEW);
      const where = path.join(folder, `site-${round}`);
      for (const [name, text] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(where, name)), { recursive: true });
        fs.writeFileSync(path.join(where, name), text);
      }
      results[theirs].push(
        await withService(files, async (service) => {
          const env = environment(service);
          const made = await timed(node, command(service, ['deploy', '--prebuilt', '--prod', '--skip-domain']), where, env);
          const promoted = await timed(node, command(service, ['promote', service.state.deployments[1].id]), where, env);
          return { time: made.time + promoted.time, peak: Math.max(made.peak, promoted.peak) };
        }),
      );
      fs.rmSync(where, { recursive: true, force: true });
      const workspace = checkout({ 'README.md': 'a shop\n' });
      const archive = tar(files);
      const commit = git(workspace, 'rev-parse', 'HEAD');
      const { text, digest } = waybill(archive, files, { commit, environments: ['production'] });
      fs.writeFileSync(path.join(workspace, 'frontend.tar'), archive);
      fs.writeFileSync(path.join(workspace, 'frontend.tar.waybill.json'), text);
      results[ours].push(
        await withService(files, async (service) => {
          const inputs = {
            'job-type': 'deploy-frontend',
            environment: 'production',
            artifact: 'frontend.tar',
            waybill: digest,
            'vercel-project': 'shop',
            'vercel-team': service.team,
            'vercel-token': TOKEN,
            'vercel-api-url': service.url,
            'health-path': 'none',
          };
          return timed(node, [main], workspace, environmentOf(workspace, inputs).env);
        }),
      );
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  const round = (number) => number.toFixed(0);
  const of = (name, field) => spread(results[name].map((each) => each[field]));
  const ratio = of(ours, 'time').median / of(theirs, 'time').median;
  const memory = of(ours, 'peak').max;
  return [
    {
      title: `${FILES} files of which ${NEW} are new, ${LATENCY} ms a request`,
      head: ['', 'min', 'median', 'max', 'MiB'],
      rows: [theirs, ours].map((name) => {
        const { min, median, max } = of(name, 'time');
        return [name, ...[min, median, max, of(name, 'peak').max].map(round)];
      }),
      goals: [
        goal(`at most ${RATIO_LIMIT} of the command line's time`, ratio.toFixed(2), ratio <= RATIO_LIMIT),
        goal(`at most ${MEMORY_LIMIT} MiB`, `${round(memory)} MiB`, memory > 0 && memory <= MEMORY_LIMIT),
      ],
    },
  ];
}
