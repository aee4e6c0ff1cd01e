// Proving parts of files beside the main thread: small ones are proved on it,
// large ones on workers, and both say the same.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { prove } from '../../js-shim/aside.mjs';
import { folder } from './harness.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const where = folder('aside');

/** The answer for these bytes, which lie in the middle of a file, or the code of the error. */
async function answer(bytes, coding, limit = 1e9) {
  const file = path.join(where, sha256(bytes).slice(0, 16));
  fs.writeFileSync(file, Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]));
  const job = { file, from: 6, length: bytes.length, coding, limit, sha256: true, sha1: false };
  return prove(job).catch(({ code, file: named }) => `${code} ${named === file}`);
}

for (const [size, name] of [
  [1000, 'on the main thread'],
  [9_000_000, 'on a worker'],
]) {
  const plain = randomBytes(size);
  const coded = zlib.gzipSync(plain);

  test(`digests before and after the coding, ${name}`, async () => {
    assert.deepEqual(await answer(plain, 'plain'), [sha256(plain), '', 0, size, sha256(plain)]);
    assert.deepEqual(await answer(coded, 'gunzip'), [sha256(coded), '', 0, size, sha256(plain)]);
    const raw = zlib.deflateRawSync(plain);
    assert.deepEqual(await answer(raw, 'inflate'), [sha256(raw), '', 0, size, sha256(plain)]);
    const two = Buffer.concat([coded, coded]);
    assert.equal((await answer(two, 'gunzip'))[4], sha256(Buffer.concat([plain, plain])));
    if (zlib.zstdCompressSync) {
      const zstd = zlib.zstdCompressSync(plain);
      assert.deepEqual(await answer(zstd, 'unzstd'), [sha256(zstd), '', 0, size, sha256(plain)]);
    } else {
      assert.equal(await answer(plain, 'unzstd'), 'UNSUPPORTED true');
    }
  });

  test(`what is broken is said, ${name}`, async () => {
    assert.equal(await answer(plain, 'gunzip'), 'CORRUPT true');
    assert.equal(await answer(coded.subarray(0, -1), 'gunzip'), 'CORRUPT true');
    assert.equal(await answer(Buffer.concat([coded, Buffer.alloc(9)]), 'gunzip'), 'CORRUPT true');
    assert.equal(await answer(coded, 'gunzip', size - 1), 'LARGE true');
    const file = path.join(where, `absent-${size}`);
    const job = { file, from: 0, length: size, coding: 'plain', limit: 0, sha256: true };
    await assert.rejects(prove(job), { code: 'ENOENT', file });
    fs.writeFileSync(file, plain.subarray(1));
    await assert.rejects(prove(job), { code: 'SHORT', file });
  });
}

test('many parts are proved side by side, each once', async () => {
  const bytes = randomBytes(6_000_000);
  const file = path.join(where, 'one');
  fs.writeFileSync(file, bytes);
  const job = { file, from: 0, length: bytes.length, coding: 'plain', limit: 0, sha256: true, sha1: false };
  const all = await Promise.all(Array.from({ length: 12 }, () => prove(job)));
  assert.deepEqual(new Set(all.map(([digest]) => digest)), new Set([sha256(bytes)]));
});
