// Packs a frontend of 10,000 small files and 200 MB in all, and digests it as a
// waybill wants it, against what a shell would do for the same.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { DIST, node24 } from '../lib/paths.mjs';
import { ask, cleanEnvironment } from '../lib/run.mjs';
import { environmentOf, runNode } from '../../tests/node/harness.mjs';
import { goal, timePrograms } from './support.mjs';

export const about = 'a frontend of 10,000 small files and 200 MB, packed and digested, in milliseconds';

// Goals: our part of the shell's time, with the whole step around it, and memory.
const RATIO_LIMIT = 1;
const MEMORY_LIMIT = 160 * 1024 * 1024;
const FILES = 10_000;
const BYTES = 200_000_000;

// One archive with its digest, then both digests of each file.
const SHELL = `
set -e -o pipefail
cd "$1"
tar --sort=name --format=posix --owner=0 --group=0 --numeric-owner --mtime=@0 \\
  --pax-option=delete=atime,delete=ctime -cf - . | tee "$2/packed.tar" | sha256sum > "$2/whole"
find . -type f -print0 | sort -z | xargs -0 sha256sum > "$2/sha256"
find . -type f -print0 | sort -z | xargs -0 sha1sum > "$2/sha1"
`;

/** A table for each Node. */
export async function bench() {
  if (!/GNU tar/.test(spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout ?? '')) {
    return [{ title: 'skipped: there is no GNU tar', head: [''], rows: [] }];
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  try {
    const site = path.join(folder, 'workspace', 'dist');
    makeSite(site);
    const nodes = [...new Set([process.execPath, node24()].filter(Boolean).map((node) => fs.realpathSync(node)))];
    const tables = [];
    for (const node of nodes) tables.push(await onNode(node, folder, site));
    return tables;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function makeSite(site) {
  const text = Buffer.from(randomBytes(4 << 20).toString('base64'));
  let left = BYTES;
  for (let index = 0; index < FILES; index += 1) {
    const length = 200 + ((index * 7919) % 8000);
    const place = path.join(site, 'chunks', String(index % 100));
    if (index < 100) fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, `${index}.js`), text.subarray(index * 37, index * 37 + length));
    left -= length;
  }
  fs.mkdirSync(path.join(site, 'media'));
  for (let index = 0; left > 0; index += 1) {
    const length = Math.min(left, 4 << 20);
    fs.writeFileSync(path.join(site, 'media', `${index}.bin`), text.subarray(index, index + length));
    left -= length;
  }
  fs.writeFileSync(path.join(site, 'index.html'), '<!doctype html>');
}

let count = 0;

async function onNode(node, folder, site) {
  const workspace = path.dirname(site);
  const inputs = { 'job-type': 'build-frontend', environment: 'development', path: 'dist' };
  const main = path.join(process.env.WAYBILL_DIST || DIST, 'main.cjs');
  const place = (kind) => {
    const made = path.join(folder, `${kind}-${(count += 1)}`);
    fs.mkdirSync(made);
    return made;
  };
  // The run's own artifact goes with its state; both contenders write one archive.
  const ours = () => {
    fs.rmSync(path.join(workspace, '.waybill'), { recursive: true, force: true });
    const { env, files } = environmentOf(workspace, inputs, { context: { GITHUB_RUN_ID: String((count += 1)) } });
    const check = () => {
      if (!/checksum/.test(fs.readFileSync(files.OUTPUT, 'utf8'))) throw new Error('nothing was packed');
    };
    return { program: node, arguments: [main], cwd: workspace, env, check };
  };
  const shell = () => {
    const out = place('shell');
    const check = () => fs.rmSync(out, { recursive: true });
    const program = 'bash';
    return { program, arguments: ['-c', SHELL, 'pack', site, out], cwd: folder, env: cleanEnvironment(), check };
  };
  const names = { shell: 'GNU tar, sha256sum, sha1sum', ours: 'waybill, build-frontend (the whole step)' };
  const times = timePrograms({ [names.shell]: shell, [names.ours]: ours }, Number(process.env.WAYBILL_BENCH_ROUNDS ?? 7));
  const { env } = ours();
  const { peak, status } = await runNode(env, { workspace, measure: true });
  if (status !== 0) throw new Error(`the measured run ended with ${status}`);
  const ratio = times[names.ours].median / times[names.shell].median;
  const mebibytes = (bytes) => `${(bytes / 1048576).toFixed(0)} MiB`;
  return {
    title: `Node ${ask(node, ['-p', 'process.versions.node'])}`,
    head: ['', 'min', 'median', 'max', 'of the shell'],
    rows: Object.entries(times).map(([name, { min, median, max }]) => [
      name,
      ...[min, median, max].map((number) => number.toFixed(0)),
      (median / times[names.shell].median).toFixed(2),
    ]),
    goals: [
      goal(`at most ${RATIO_LIMIT.toFixed(1)} of the shell's time`, ratio.toFixed(2), ratio <= RATIO_LIMIT),
      goal(`at most ${mebibytes(MEMORY_LIMIT)}`, mebibytes(peak), peak <= MEMORY_LIMIT),
    ],
  };
}
