// What is large: files that are read, hashed, coded and written as a stream,
// never through the module's memory (src/host/bulk.rs). Loaded when it is first
// needed. Nothing here decides anything.

import fs from 'node:fs';
import path from 'node:path';

const BLOCK = 1024 * 1024;
// What deflate looks back at: a block starts with the end of the one before it.
const WINDOW = 32 * 1024;
const AT_ONCE = 4;

const broken = (code, file, message) => Object.assign(new Error(message ?? code), { code, file });

/** Files that are read one after another, each opened once for ranges that follow one another. */
class Files {
  open(file) {
    if (this.file === file) return this.descriptor;
    this.close();
    try {
      this.descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
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

/** The blocks of a range. Gives the loop of events its turn between them, so that a signal is heard. */
async function* blocks(files, file, from, length) {
  const descriptor = files.open(file);
  for (let at = 0; at < length; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, length - at));
    let filled = 0;
    while (filled < block.length) {
      const count = fs.readSync(descriptor, block, filled, block.length - filled, from + at + filled);
      if (count === 0) throw broken('SHORT', file);
      filled += count;
    }
    at += filled;
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

/** One range: its own digests, and its blocks after the coding to `take`. */
async function range(tools, files, piece, wanted, take) {
  const { crypto, zlib } = tools;
  const { file, from, length, coding, limit } = piece;
  const hash = (name) => (wanted[name] ? crypto.createHash(name) : undefined);
  const [sha256, sha1, coded] = [hash('sha256'), hash('sha1'), coding === 'plain' ? undefined : hash('sha256')];
  let crc = 0;
  let size = 0;
  async function* before() {
    for await (const block of blocks(files, file, from, length)) {
      sha256?.update(block);
      sha1?.update(block);
      if (wanted.crc32 && (coding === 'plain' || coding === 'deflate')) crc = zlib.crc32(block, crc);
      yield block;
    }
  }
  const after = coding === 'plain' ? before() : coder(zlib, coding, file, limit)(before());
  for await (const block of after) {
    size += block.length;
    coded?.update(block);
    if (wanted.crc32 && coding !== 'plain' && coding !== 'deflate') crc = zlib.crc32(block, crc);
    take(block);
  }
  const plain = sha256?.digest('hex') ?? '';
  return [plain, sha1?.digest('hex') ?? '', String(crc), String(size), coded?.digest('hex') ?? plain];
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
    try {
      for (let at = 0; at < whole.length; ) at += fs.writeSync(this.descriptor, whole, at);
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
 * Reads pieces in order. `pieces` holds path, first byte, length, coding and
 * limit in turn; an empty path stands for the next `length` bytes of `bytes`.
 * Answers the size and SHA-256 of everything, then five values a range.
 */
export async function stream(pieces, bytes, into, whole, sha256, sha1, crc32) {
  const tools = { crypto: await import('node:crypto'), zlib: await import('node:zlib') };
  const wanted = { sha256, sha1, crc32 };
  const files = new Files();
  const total = whole ? tools.crypto.createHash('sha256') : undefined;
  const draft = into === undefined ? undefined : new Draft(into);
  const answer = [];
  let size = 0;
  let at = 0;
  let complete = false;
  const take = (block) => {
    size += block.length;
    total?.update(block);
    draft?.take(block);
  };
  try {
    for (let index = 0; index < pieces.length; index += 5) {
      const [file, from, length, coding, limit] = pieces.slice(index, index + 5);
      if (file === '') {
        take(bytes.subarray(at, at + Number(length)));
        at += Number(length);
      } else {
        const piece = { file, from: Number(from), length: Number(length), coding, limit: Number(limit) };
        answer.push(...(await range(tools, files, piece, wanted, take)));
      }
    }
    complete = true;
  } finally {
    files.close();
    draft?.end(complete);
  }
  return [String(size), total?.digest('hex') ?? '', ...answer];
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
