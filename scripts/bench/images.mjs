// How long it takes to prove an image's archive to its last byte, and how much
// memory, against the system's own tools on the same bytes. The last layer is
// damaged, so that a step ends when everything is proved and nothing is stored.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { cleanEnvironment } from '../lib/run.mjs';
import { checkout, environmentOf, runNode } from '../../tests/node/harness.mjs';
import { goal, spread } from './support.mjs';

export const about = 'verifying an image, in milliseconds';

const LAYERS = 4;
const LAYER = 256 * 1024 * 1024;
const ROUNDS = 5;
const MEMORY_LIMIT = 160;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A tar's header. */
function header(name, size) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A tar with one file in it. */
function tar(content) {
  const padding = Buffer.alloc(1024 + ((512 - (content.length % 512)) % 512));
  return Buffer.concat([header('data', content.length), content, padding]);
}

/** An archive with large layers; the blobs as files beside it for the other tools. */
function archive(folder, name, coded) {
  const blobs = new Map();
  const put = (bytes, mediaType) => {
    blobs.set(sha256(bytes), bytes);
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const type = (what) => `application/vnd.oci.image.${what}.v1${what === 'layer' ? '.tar' : '+json'}`;
  const layers = [];
  const diffIds = [];
  const files = [];
  for (let index = 0; index < LAYERS; index += 1) {
    const content = randomFillSync(Buffer.allocUnsafe(coded ? LAYER / 2 : LAYER));
    // About as dense as what images hold: every second kilobyte is text.
    if (coded) for (let at = 0; at < content.length; at += 2048) content.fill('the quick brown fox; ', at, at + 1024);
    const whole = tar(content);
    const blob = coded ? gzipSync(whole) : whole;
    layers.push(put(blob, `${type('layer')}${coded ? '+gzip' : ''}`));
    diffIds.push(`sha256:${sha256(whole)}`);
    files.push(path.join(folder, `${name}-${index}`));
    fs.writeFileSync(files.at(-1), blob);
  }
  const small = tar(Buffer.from('small'));
  layers.push(put(small, type('layer')));
  diffIds.push(`sha256:${sha256(small)}`);
  const about = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } };
  const config = put(Buffer.from(JSON.stringify(about)), type('config'));
  const manifest = put(Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers })), type('manifest'));
  const damaged = Buffer.from(small);
  damaged[600] ^= 1;
  blobs.set(sha256(small), damaged);
  const file = path.join(folder, `${name}.tar`);
  const out = fs.openSync(file, 'w');
  const add = (member, bytes) => {
    for (const part of [header(member, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]) {
      for (let at = 0; at < part.length; ) at += fs.writeSync(out, part, at);
    }
  };
  add('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  add('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [manifest] })));
  for (const [hex, bytes] of blobs) add(`blobs/sha256/${hex}`, bytes);
  fs.writeSync(out, Buffer.alloc(1024));
  fs.closeSync(out);
  return { file, files };
}

function time(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

function tool(program, words, cwd) {
  const ran = spawnSync(program, words, { cwd, env: cleanEnvironment(), stdio: 'ignore' });
  if (ran.status !== 0) throw new Error(`${program} ended with ${ran.status}`);
}

async function verify(workspace, file) {
  fs.rmSync(path.join(workspace, 'image.tar'), { force: true });
  fs.symlinkSync(file, path.join(workspace, 'image.tar'));
  const { env, files } = environmentOf(workspace, { 'job-type': 'build-backend', path: 'image.tar' });
  const ran = await runNode(env, { workspace, measure: true, limit: 600_000 });
  const outputs = fs.readFileSync(files.OUTPUT, 'utf8');
  if (ran.status !== 3 || !outputs.includes('WB4513')) throw new Error(`it ended with ${ran.status}: ${ran.stdout}`);
  return ran;
}

/** Side by side, one after the other in each round, so that all meet the same machine. */
async function compare(title, workspace, file, other, name, wanted, fits) {
  const found = { [name]: [], 'build-backend': [] };
  let peak = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    found[name].push(time(other));
    const ran = await verify(workspace, file);
    found['build-backend'].push(ran.milliseconds);
    peak = Math.max(peak, ran.peak);
  }
  const rows = Object.entries(found).map(([each, times]) => {
    const { min, median, max } = spread(times);
    return [each, ...[min, median, max].map((value) => value.toFixed(0))];
  });
  const ratio = Math.min(...found[name]) / Math.min(...found['build-backend']);
  const mebibytes = Math.round(peak / 1024 / 1024);
  return {
    title,
    head: ['', 'least', 'median', 'most'],
    rows,
    goals: [
      goal(wanted, ratio.toFixed(2), fits(ratio)),
      goal(`at most ${MEMORY_LIMIT} MiB of memory`, `${mebibytes} MiB`, mebibytes <= MEMORY_LIMIT),
    ],
  };
}

/** A table for plain layers, and one for layers by gzip. */
export async function bench() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  const workspace = checkout({ '.gitignore': 'image*\n' });
  try {
    const plain = archive(folder, 'plain', false);
    const openssl = () => tool('openssl', ['dgst', '-sha256', plain.file]);
    const first = await compare(
      'an archive of 1 GiB with plain layers',
      workspace,
      plain.file,
      openssl,
      'openssl dgst -sha256',
      'at least 0.8 of the speed of openssl',
      (ratio) => ratio >= 0.8,
    );
    for (const file of [plain.file, ...plain.files]) fs.rmSync(file);
    const coded = archive(folder, 'gzip', true);
    const script = 'printf "%s\\n" "$@" | xargs -P 2 -I {} sh -c "gzip -dc {} | sha256sum; sha256sum {}"';
    const shell = () => tool('sh', ['-c', script, 'sh', ...coded.files]);
    const second = await compare(
      'layers by gzip, two at a time',
      workspace,
      coded.file,
      shell,
      'gzip -dc | sha256sum, sha256sum',
      'at most 1.1 of the time, that is a ratio of at least 0.91',
      (ratio) => ratio >= 1 / 1.1,
    );
    return [first, second];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
