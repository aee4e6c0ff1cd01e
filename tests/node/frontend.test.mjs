// build-frontend through dist/: the same tree is the same bytes on every Node,
// and to tools that know nothing of Waybill.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, utimesSync } from 'node:fs';

import { node24 } from '../../scripts/lib/paths.mjs';
import { MAIN, checkout, commandLine, environmentOf, folder, step, write } from './harness.mjs';

const BUILD = { 'job-type': 'build-frontend', environment: 'development' };
const posix = process.platform !== 'win32';
const has = (program) => spawnSync(program, ['--version']).status === 0;

const LONG = `deep/${'a-long-name-'.repeat(9)}/ends-here.js`;

/** A prebuilt output with everything that is special to an archive. */
const PREBUILT = {
  '.vercel/output/config.json': '{"version":3}',
  '.vercel/output/static/index.html': '<!doctype html><title>A shop</title>',
  '.vercel/output/static/.well-known/security.txt': 'Contact: mailto:a@example.com',
  '.vercel/output/static/[...slug]/größe.txt': 'a name that is not ASCII',
  [`.vercel/output/static/${LONG}`]: 'a name that is too long for a header',
  '.vercel/output/static/empty': '',
  '.vercel/output/static/large.bin': Buffer.alloc(3_000_001, 'waybill '),
  '.vercel/output/functions/api.func/.vc-config.json': '{"runtime":"nodejs22.x","handler":"index.js"}',
  '.vercel/output/functions/api.func/tool': '#!/bin/sh\nexit 0\n',
};

function project() {
  const where = checkout({ '.gitignore': '.vercel\n.waybill\n' });
  write(where, PREBUILT);
  if (posix) {
    chmodSync(path.join(where, '.vercel/output/functions/api.func/tool'), 0o750);
    symlinkSync('api.func', path.join(where, '.vercel/output/functions/also.func'));
    symlinkSync(`../${LONG}`, path.join(where, '.vercel/output/static/deep/link'));
  }
  return where;
}

async function build(where, inputs = {}, options = {}) {
  const result = await step(where, { ...BUILD, path: '.', ...inputs }, options);
  assert.equal(result.status, 0, result.stdout.toString());
  return { result, file: path.join(where, result.outputs['artifact-path']) };
}

/** The same archive by Python's tarfile: paths sorted by their bytes, nothing of owners and times. */
const PYTHON = `
import os, sys, tarfile
root, out = sys.argv[1:]
found = []
for folder, folders, files in os.walk(root):
    names = files + [name for name in folders if os.path.islink(os.path.join(folder, name))]
    found += [os.path.relpath(os.path.join(folder, name), root).replace(os.sep, '/') for name in names]
with tarfile.open(out, 'w', format=tarfile.PAX_FORMAT) as archive:
    for name in sorted(found, key=lambda name: name.encode()):
        place, entry = os.path.join(root, name), tarfile.TarInfo(name)
        if os.path.islink(place):
            entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, os.readlink(place)
            archive.addfile(entry)
        else:
            entry.mode = 0o755 if os.stat(place).st_mode & 0o100 else 0o644
            entry.size = os.path.getsize(place)
            with open(place, 'rb') as content:
                archive.addfile(entry, content)
`;

/** Everything below a folder, with kind, mode and content. */
function listing(root, below = '') {
  return readdirSync(path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    const place = path.join(root, name);
    if (entry.isDirectory()) return listing(root, name);
    if (entry.isSymbolicLink()) return [[name, 'link', readlinkSync(place)]];
    return [[name, statSync(place).mode & 0o100 ? 'x' : '-', readFileSync(place).toString('base64')]];
  });
}

test('the same tree is the same bytes, whatever the times, the modes and the Node', async () => {
  const [one, other] = [project(), project()];
  const index = path.join(other, '.vercel/output/static/index.html');
  utimesSync(index, 1, 1);
  if (posix) chmodSync(index, 0o600);
  const first = await build(one);
  const second = await build(other);
  assert.equal(first.result.outputs.checksum, second.result.outputs.checksum);
  assert.equal(first.result.outputs.checksum.length, 64);
  const node = node24();
  if (!node) return;
  const { env, files } = environmentOf(project(), { ...BUILD, path: '.' });
  const run = spawnSync(node, [MAIN], { cwd: env.GITHUB_WORKSPACE, env });
  assert.equal(run.status, 0, String(run.stdout));
  assert.match(readFileSync(files.OUTPUT, 'utf8'), new RegExp(first.result.outputs.checksum));
});

test('Python packs the same tree to the same bytes', { skip: !has('python3') }, async () => {
  const where = project();
  const { file } = await build(where);
  const root = folder('tree');
  mkdirSync(path.join(root, '.vercel'));
  execFileSync('cp', ['-R', path.join(where, '.vercel/output'), path.join(root, '.vercel/output')]);
  const out = path.join(folder('archive'), 'python.tar');
  execFileSync('python3', ['-c', PYTHON, root, out]);
  assert.ok(readFileSync(out).equals(readFileSync(file)), 'the archives differ');
});

for (const program of ['tar', 'bsdtar']) {
  test(`${program} unpacks what was packed`, { skip: !has(program) || !posix }, async () => {
    const where = project();
    const { file } = await build(where);
    const into = folder('unpacked');
    const { stderr } = spawnSync(program, ['-xf', file, '-C', into], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.deepEqual(listing(into, '.vercel').sort(), listing(where, '.vercel').sort());
  });
}

test('static files become an output, and the command line verifies it', async () => {
  const where = checkout({ '.gitignore': 'dist\n.waybill\n', 'build.mjs': "import fs from 'node:fs';\nfs.mkdirSync('dist');\nfs.writeFileSync('dist/index.html', 'hello');\nfs.writeFileSync('dist/about.html', 'us');\n" });
  const { result, file } = await build(where, { path: 'dist', run: 'node build.mjs', 'clean-urls': 'true' });
  const into = folder('unpacked');
  execFileSync('tar', ['-xf', file, '-C', into]);
  const config = JSON.parse(readFileSync(path.join(into, '.vercel/output/config.json'), 'utf8'));
  assert.deepEqual([config.version, config.overrides], [3, { 'about.html': { path: 'about' } }]);
  assert.equal(readFileSync(path.join(into, '.vercel/output/static/index.html'), 'utf8'), 'hello');
  const waybill = JSON.parse(readFileSync(`${file}.waybill.json`, 'utf8'));
  assert.equal(waybill.subject[0].digest.sha256, result.outputs.checksum);
  assert.match(result.summary, /packed static files: 3 files/);
  assert.equal((await commandLine(where, 'explain', 'WB4008')).status, 0);
});

test('what looks like a secret is refused before anything is stored', async () => {
  const where = checkout({ '.gitignore': 'dist\n.waybill\n' });
  const key = `-----BEGIN ${['PRIVATE', 'KEY'].join(' ')}-----\n${'MIIE'.repeat(16)}\n`;
  write(where, { 'dist/index.html': 'hello', 'dist/.env': 'A=1', 'dist/deploy': key });
  const refused = await step(where, { ...BUILD, path: 'dist' });
  assert.deepEqual([refused.status, refused.outputs.code, refused.outputs.artifacts], [1, 'WB4008', '[]']);
  const found = await step(where, { ...BUILD, path: 'dist', exclude: '.env' });
  assert.deepEqual([found.status, found.outputs.code], [1, 'WB4008']);
  assert.ok(found.annotations.some(({ message }) => message.includes('`deploy` holds a private key')));
  const allowed = await step(where, { ...BUILD, path: 'dist', exclude: '.env', 'allow-secret-files': 'deploy' });
  assert.equal(allowed.status, 0, allowed.stdout.toString());
});

test('what is no ordinary file is refused', { skip: !posix }, async () => {
  const where = checkout({ '.gitignore': 'dist\n.waybill\n' });
  write(where, { 'dist/index.html': 'hello' });
  execFileSync('mkfifo', [path.join(where, 'dist/pipe')]);
  const refused = await step(where, { ...BUILD, path: 'dist' });
  assert.deepEqual([refused.status, refused.outputs.code], [1, 'WB4004']);
});
