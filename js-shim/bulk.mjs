// What is large: files that are read, hashed, coded and written as a stream,
// never through the module's memory (src/host/bulk.rs). Loaded when it is first
// needed. Nothing here decides anything.

import fs from 'node:fs';
import path from 'node:path';

import { prove } from './aside.mjs';

const BLOCK = 1024 * 1024;
// What deflate looks back at: a block starts with the end of the one before it.
const WINDOW = 32 * 1024;
const AT_ONCE = 4;
// Not blocking, so that a named pipe cannot hang us.
const READ = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);
const CODINGS = ['bytes', 'plain', 'deflate', 'inflate', 'gunzip', 'unzstd'];

const broken = (code, file, message) => Object.assign(new Error(message ?? code), { code, file });

/** Files that are read one after another, each opened once for ranges that follow one another. */
class Files {
  open(file) {
    if (this.file === file) return this.descriptor;
    this.close();
    try {
      this.descriptor = fs.openSync(file, READ);
      this.file = file;
      if (!fs.fstatSync(this.descriptor).isFile()) throw broken('EISDIR', file);
    } catch (error) {
      throw Object.assign(error, { file });
    }
    return this.descriptor;
  }
  close() {
    if (this.file !== undefined) fs.closeSync(this.descriptor);
    this.file = undefined;
  }
}

/** Fills a block from a file's byte on. */
function readWhole(descriptor, block, from, file) {
  for (let filled = 0; filled < block.length; ) {
    let count;
    try {
      count = fs.readSync(descriptor, block, filled, block.length - filled, from + filled);
    } catch (error) {
      throw Object.assign(error, { file });
    }
    if (count === 0) throw broken('SHORT', file);
    filled += count;
  }
}

/** The blocks of a range. Gives the loop of events its turn between them, so that a signal is heard. */
async function* blocks(files, file, from, length) {
  const descriptor = files.open(file);
  for (let at = 0; at < length; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, length - at));
    readWhole(descriptor, block, from + at, file);
    at += block.length;
    yield block;
    if (at < length) await new Promise(setImmediate);
  }
}

/** Raw deflate, block by block on Node's threads, each ended at a byte so that they can be joined. */
async function* deflated(zlib, source) {
  const deflate = (block, dictionary, finishFlush) =>
    new Promise((resolve, reject) => {
      const done = (error, result) => (error ? reject(error) : resolve(result));
      zlib.deflateRaw(block, { finishFlush, dictionary, level: 6 }, done);
    });
  const { Z_SYNC_FLUSH, Z_FINISH } = zlib.constants;
  const running = [];
  let before;
  for await (const block of source) {
    running.push(deflate(block, before, Z_SYNC_FLUSH));
    running.at(-1).catch(() => {});
    before = block.subarray(Math.max(0, block.length - WINDOW));
    if (running.length >= AT_ONCE) yield await running.shift();
  }
  for (const block of running) yield await block;
  yield await deflate(Buffer.alloc(0), undefined, Z_FINISH);
}

/** What a compressed source holds, up to a limit. */
async function* expanded(make, source, file, limit) {
  const { Readable, pipeline } = await import('node:stream');
  let total = 0;
  const expander = make();
  let failed;
  pipeline(Readable.from(source), expander, (error) => {
    failed = error;
  });
  try {
    for await (const block of expander) {
      total += block.length;
      if (total > limit) throw broken('LARGE', file);
      yield block;
    }
  } catch (error) {
    const cause = failed ?? error;
    if (cause.file) throw cause;
    throw broken('CORRUPT', file, cause.message);
  }
}

function coder(zlib, coding, file, limit) {
  switch (coding) {
    case 'deflate':
      return (source) => deflated(zlib, source);
    case 'inflate':
      return (source) => expanded(() => zlib.createInflateRaw({ chunkSize: BLOCK }), source, file, limit);
    case 'gunzip':
      return (source) => expanded(() => zlib.createGunzip({ chunkSize: BLOCK }), source, file, limit);
    default:
      if (!zlib.createZstdDecompress) throw broken('UNSUPPORTED', file);
      return (source) => expanded(() => zlib.createZstdDecompress({ chunkSize: BLOCK }), source, file, limit);
  }
}

/** Searches a text in what comes in pieces. */
class Search {
  constructor(text) {
    this.text = text;
    this.found = false;
    this.before = Buffer.alloc(0);
  }
  take(block) {
    if (this.found) return;
    const seam = Buffer.concat([this.before, block.subarray(0, this.text.length - 1)]);
    this.found = block.includes(this.text, 0, 'latin1') || seam.includes(this.text, 0, 'latin1');
    this.before = Buffer.from(block.subarray(Math.max(0, block.length - this.text.length + 1)));
  }
}

/** A range that is coded: its own digests, and its blocks after the coding to the sink. */
async function codedRange(tools, files, piece, wanted, sink) {
  const { crypto, zlib } = tools;
  const { file, from, length, coding, limit } = piece;
  const hash = (name) => (wanted[name] ? crypto.createHash(name) : undefined);
  const [sha256, sha1, coded] = [hash('sha256'), hash('sha1'), hash('sha256')];
  const search = wanted.text === undefined ? undefined : new Search(wanted.text);
  let crc = 0;
  let size = 0;
  async function* before() {
    for await (const block of blocks(files, file, from, length)) {
      sha256?.update(block);
      sha1?.update(block);
      search?.take(block);
      if (wanted.crc32 && coding === 'deflate') crc = zlib.crc32(block, crc);
      yield block;
    }
  }
  for await (const block of coder(zlib, coding, file, limit)(before())) {
    size += block.length;
    coded?.update(block);
    if (wanted.crc32 && coding !== 'deflate') crc = zlib.crc32(block, crc);
    await sink.take(block);
  }
  const [plain, after] = [sha256?.digest('hex') ?? '', coded?.digest('hex') ?? ''];
  return [plain, sha1?.digest('hex') ?? '', crc, size, after, search?.found ? 1 : 0];
}

/**
 * A range as it is: read to where it is written from. What lies in one block,
 * as small files do, is hashed in one call each.
 */
async function plainRange({ crypto, zlib }, files, { file, from, length }, wanted, sink) {
  const descriptor = files.open(file);
  const names = ['sha256', 'sha1'].filter((name) => wanted[name]);
  const digests = { sha256: '', sha1: '' };
  const search = wanted.text === undefined ? undefined : new Search(wanted.text);
  let hashes;
  let crc = 0;
  for (let at = 0; at < length || hashes === undefined; ) {
    const room = await sink.room();
    const part = room.subarray(0, Math.min(room.length, length - at));
    readWhole(descriptor, part, from + at, file);
    at += part.length;
    sink.fill(part.length);
    if (wanted.crc32) crc = zlib.crc32(part, crc);
    if (hashes === undefined && at === length && crypto.hash) {
      for (const name of names) digests[name] = crypto.hash(name, part, 'hex');
      if (search) search.found = part.includes(search.text, 0, 'latin1');
      hashes = [];
    } else {
      hashes ??= names.map((name) => [name, crypto.createHash(name)]);
      for (const [, hash] of hashes) hash.update(part);
      search?.take(part);
    }
  }
  for (const [name, hash] of hashes) digests[name] = hash.digest('hex');
  return [digests.sha256, digests.sha1, crc, length, digests.sha256, search?.found ? 1 : 0];
}

/** Everything in order, in large blocks: hashed, and written where there is a draft. */
class Sink {
  constructor(total, draft) {
    this.total = total;
    this.draft = draft;
    this.block = Buffer.allocUnsafeSlow(BLOCK);
    this.filled = 0;
    this.size = 0;
  }
  /** What may be filled next; after a whole block the loop of events has its turn, so that a signal is heard. */
  async room() {
    if (this.filled === BLOCK) {
      this.flush();
      await new Promise(setImmediate);
    }
    return this.block.subarray(this.filled);
  }
  fill(length) {
    this.filled += length;
  }
  async take(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const room = await this.room();
      const part = bytes.subarray(at, at + room.length);
      room.set(part);
      this.fill(part.length);
      at += part.length;
    }
  }
  flush() {
    const block = this.block.subarray(0, this.filled);
    this.total?.update(block);
    this.draft?.write(block);
    this.size += this.filled;
    this.filled = 0;
  }
}

/** Collects small writes into large ones; the file appears whole or not at all. */
class Draft {
  constructor(file) {
    this.file = file;
    this.draft = `${file}.${process.pid}.new`;
    this.waiting = [];
    this.size = 0;
    try {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      this.descriptor = fs.openSync(this.draft, 'w');
    } catch (error) {
      throw Object.assign(error, { file });
    }
  }
  take(block) {
    this.waiting.push(block);
    this.size += block.length;
    if (this.size >= BLOCK) this.flush();
  }
  flush() {
    const whole = this.waiting.length === 1 ? this.waiting[0] : Buffer.concat(this.waiting);
    this.waiting = [];
    this.size = 0;
    this.write(whole);
  }
  write(block) {
    try {
      for (let at = 0; at < block.length; ) at += fs.writeSync(this.descriptor, block, at);
    } catch (error) {
      throw Object.assign(error, { file: this.file });
    }
  }
  end(whole) {
    try {
      if (whole) this.flush();
      fs.closeSync(this.descriptor);
      if (whole) fs.renameSync(this.draft, this.file);
    } finally {
      if (!whole) fs.rmSync(this.draft, { force: true });
    }
  }
}

/**
 * Reads pieces in order. `paths` are separated by a NUL; `numbers` holds, for
 * each piece, first byte, length, coding (in `CODINGS`) and limit; those of the
 * coding `bytes` are the next `length` of `bytes`. Answers in one text, by
 * commas: the size and SHA-256 of everything, then six values a range.
 */
export async function stream(paths, numbers, bytes, into, whole, sha256, sha1, crc32, text) {
  if (numbers.length === 4 && into === undefined && !whole && !crc32 && text === undefined) {
    const [from, length, number, limit] = numbers;
    const coding = CODINGS[number];
    if (coding !== 'bytes' && coding !== 'deflate') {
      const answer = await prove({ file: paths, from, length, coding, limit, sha256, sha1 });
      return [answer[3], '', ...answer, 0].join(',');
    }
  }
  const tools = { crypto: await import('node:crypto'), zlib: await import('node:zlib') };
  const wanted = { sha256, sha1, crc32, text };
  const files = new Files();
  const draft = into === undefined ? undefined : new Draft(into);
  const sink = new Sink(whole ? tools.crypto.createHash('sha256') : undefined, draft);
  const names = paths.split('\0');
  const answer = [];
  let at = 0;
  let complete = false;
  try {
    for (let index = 0; index < names.length; index += 1) {
      const [from, length, coding, limit] = numbers.subarray(index * 4, index * 4 + 4);
      const piece = { file: names[index], from, length, coding: CODINGS[coding], limit };
      if (piece.coding === 'bytes') {
        await sink.take(bytes.subarray(at, at + length));
        at += length;
      } else {
        const range = piece.coding === 'plain' ? plainRange : codedRange;
        answer.push(...(await range(tools, files, piece, wanted, sink)));
      }
    }
    sink.flush();
    complete = true;
  } finally {
    files.close();
    draft?.end(complete);
  }
  return [sink.size, sink.total?.digest('hex') ?? '', ...answer].join(',');
}

/** A part of a file as the body of a request: its length is known, and it is read while it is sent. */
export async function body(file, from, length) {
  const blob = await fs.openAsBlob(file);
  if (blob.size < from + length) throw broken('SHORT', file);
  return blob.slice(from, from + length);
}

/** Writes an answer's body into a file; gives its size and SHA-256. */
export async function save(response, file, limit) {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  const draft = new Draft(file);
  let size = 0;
  let complete = false;
  try {
    for await (const block of response.body ?? []) {
      size += block.length;
      if (size > limit) throw broken('LARGE', file);
      hash.update(block);
      draft.take(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    }
    complete = true;
  } finally {
    draft.end(complete);
  }
  return [String(size), hash.digest('hex')];
}
