// build-backend on archives that real tools wrote, whole and tampered with.
// umoci is the oracle: it verifies sizes and digests, which skopeo does not.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { cleanEnvironment, onPath, strict } from '../../scripts/lib/run.mjs';
import { checkout, folder, git, step, write } from './harness.mjs';

const TOOLS = ['umoci', 'skopeo', 'buildah', 'tar'];
const missing = TOOLS.filter((name) => !onPath(name));
const reason = `${missing.join(', ')} cannot be had here`;
const skip = missing.length > 0 && !strict ? reason : false;
const real = (name, work) =>
  test(name, { skip }, (t) => {
    assert.deepEqual(missing, [], reason);
    return work(t);
  });

const home = folder('home');
const env = cleanEnvironment({ HOME: home, XDG_RUNTIME_DIR: home });
function run(program, ...words) {
  const ran = spawnSync(program, words, { env, encoding: 'utf8' });
  assert.equal(ran.status, 0, `${program} ${words.join(' ')}: ${ran.stderr}`);
  return ran.stdout.trim();
}
const sha256 = (file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** Numbers that are the same in every run. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A layout that umoci made, with the blobs that it leaves behind. */
function layout({ commit = 'a'.repeat(40), user = '1000' } = {}) {
  const place = folder('image');
  const random = numbers(7);
  write(place, { 'app/main.js': 'serve();\n', 'app/data': Buffer.from(Array.from({ length: 60_000 }, () => random(256))) });
  const image = `${place}/layout:app`;
  run('umoci', 'init', '--layout', `${place}/layout`);
  run('umoci', 'new', '--image', image);
  run('umoci', 'insert', '--image', image, `${place}/app`, '/app');
  const label = `org.opencontainers.image.revision=${commit}`;
  run('umoci', 'config', '--image', image, '--os', 'linux', '--architecture', 'amd64', '--config.user', user, '--config.label', label);
  return `${place}/layout`;
}

function pack(where) {
  const file = path.join(folder('archive'), 'image.tar');
  run('tar', '-cf', file, '-C', where, '.');
  return file;
}

async function build(image, inputs = {}) {
  const workspace = checkout({ 'README.md': 'x\n', '.gitignore': 'image*\n' });
  const name = fs.statSync(image).isDirectory() ? 'image' : 'image.tar';
  fs.cpSync(image, path.join(workspace, name), { recursive: true });
  const result = await step(workspace, { 'job-type': 'build-backend', path: name, ...inputs });
  const stored = result.outputs['artifact-path'] && path.resolve(workspace, result.outputs['artifact-path']);
  return { ...result, workspace, stored, text: result.stdout.toString() };
}

const succeeded = (result) => assert.equal(result.outputs.status, 'success', result.text);
const digestOf = (result) => result.text.match(/image (sha256:[0-9a-f]{64})/)?.[1];

real('an archive that umoci wrote is stored as it is', async () => {
  const workspace = checkout({ 'README.md': 'x\n', '.gitignore': 'image*\n' });
  const image = pack(layout({ commit: git(workspace, 'rev-parse', 'HEAD') }));
  const result = await build(image);
  succeeded(result);
  assert.equal(result.outputs.checksum, sha256(image));
  assert.equal(sha256(result.stored), sha256(image));
  const titles = result.annotations.map(({ title }) => title);
  assert.ok(titles.includes('WB4534'), `umoci leaves blobs behind: ${titles}`);
  assert.ok(!titles.includes('WB4530') && !titles.includes('WB4531') && !titles.includes('WB4532'), `${titles}`);
  assert.match(result.summary, /linux\/amd64: 1 layers of \d+ bytes/);
});

real('what is odd about an image is annotated, and no secret is shown', async () => {
  const value = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
  const where = layout({ user: 'root', commit: 'b'.repeat(40) });
  run('umoci', 'config', '--image', `${where}:app`, '--config.env', `KEY=${value}`);
  const result = await build(pack(where));
  succeeded(result);
  const warnings = result.annotations.filter(({ title }) => title?.startsWith('WB453')).map(({ title }) => title);
  assert.deepEqual(warnings.sort(), ['WB4530', 'WB4531', 'WB4532', 'WB4534']);
  assert.ok(!result.text.includes(value) && !result.summary.includes(value));
});

real('an archive that buildah wrote, and one that skopeo wrote again, are the same image', async () => {
  const place = folder('context');
  write(place, { Dockerfile: 'FROM scratch\nCOPY app /app\nUSER 1000\n', app: 'x\n' });
  const buildah = ['--root', `${place}/storage`, '--runroot', `${place}/run`, '--storage-driver', 'vfs'];
  run('buildah', ...buildah, 'bud', '--isolation', 'chroot', '--timestamp', '0', '-t', 'app', place);
  run('buildah', ...buildah, 'push', 'app', `oci-archive:${place}/image.tar`);
  run('skopeo', '--insecure-policy', 'copy', `oci-archive:${place}/image.tar`, `oci-archive:${place}/again.tar`);
  const [one, two] = [await build(`${place}/image.tar`), await build(`${place}/again.tar`)];
  succeeded(one);
  succeeded(two);
  assert.equal(digestOf(one), digestOf(two));
});

real('a layout and what `docker save` writes become archives that skopeo and umoci read', async () => {
  const where = layout();
  const saved = path.join(folder('saved'), 'image.tar');
  run('skopeo', '--insecure-policy', 'copy', `oci:${where}:app`, `docker-archive:${saved}:app:1`);
  for (const image of [where, saved]) {
    const [one, two] = [await build(image), await build(image)];
    succeeded(one);
    assert.equal(one.outputs.checksum, two.outputs.checksum);
    const copied = path.join(folder('copied'), 'layout');
    // By itself skopeo compresses what is plain, which makes another image.
    run('skopeo', '--insecure-policy', 'copy', '--preserve-digests', `oci-archive:${one.stored}`, `oci:${copied}:app`);
    run('umoci', 'unpack', '--image', `${copied}:app`, path.join(path.dirname(copied), 'bundle'));
    const found = path.join(path.dirname(copied), 'bundle', 'rootfs', 'app', 'main.js');
    assert.equal(fs.readFileSync(found, 'utf8'), 'serve();\n');
    const [digest] = JSON.parse(fs.readFileSync(path.join(copied, 'index.json'), 'utf8')).manifests;
    assert.equal(digest.digest, digestOf(one));
  }
});

real('another platform is refused, and plan changes nothing', async () => {
  const image = pack(layout());
  const other = await build(image, { platform: 'linux/arm64' });
  assert.deepEqual([other.status, other.outputs.code], [3, 'WB4516']);
  const plan = await build(image, { mode: 'plan', platform: 'linux/arm64' });
  assert.equal(plan.outputs.status, 'success');
  assert.match(plan.text, /verify the image at .* for `linux\/arm64`/);
  assert.equal(plan.stored, undefined);
});

/** Whether umoci takes the layout in a folder. */
function umociTakes(where) {
  const bundle = path.join(folder('bundle'), 'b');
  return spawnSync('umoci', ['unpack', '--image', `${where}:app`, bundle], { env }).status === 0;
}

real('what umoci refuses is refused, and what is taken is the image that it was', async () => {
  const random = numbers(11);
  const good = layout();
  const expected = digestOf(await build(good));
  const files = fs.readdirSync(good, { recursive: true }).map(String).filter((name) => fs.statSync(path.join(good, name)).isFile());
  const counts = { refused: 0, same: 0 };
  for (let round = 0; round < 40; round += 1) {
    const where = path.join(folder('tampered'), 'layout');
    fs.cpSync(good, where, { recursive: true });
    const file = path.join(where, files[random(files.length)]);
    const bytes = fs.readFileSync(file);
    switch (round % 4) {
      case 0:
      case 1:
        bytes[random(bytes.length)] ^= 1 << random(8);
        fs.writeFileSync(file, bytes);
        break;
      case 2:
        fs.writeFileSync(file, bytes.subarray(0, random(bytes.length)));
        break;
      default:
        // One file in the place of another.
        fs.copyFileSync(path.join(where, files[random(files.length)]), file);
    }
    const result = await build(where);
    if (result.outputs.status === 'success') {
      counts.same += 1;
      assert.equal(digestOf(result), expected, `round ${round}: ${file}`);
      // umoci looks for its tag, which says nothing of the image.
      const taken = umociTakes(where) || path.basename(file) === 'index.json';
      assert.ok(taken, `round ${round}: umoci refuses what was taken: ${file}`);
    } else {
      counts.refused += 1;
      assert.deepEqual([result.status, result.outputs.code.slice(0, 4)], [3, 'WB45'], result.text);
      assert.equal(result.stored, undefined);
    }
  }
  assert.ok(counts.refused > 10, JSON.stringify(counts));
});
