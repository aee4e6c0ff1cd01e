// Proving what is large beside the main thread: parts of files that are only
// read and hashed, each on a worker of its own, as many at a time as there are
// processors, but for a few. Nothing here decides anything.

// Less than this is proved in less time than a worker takes to start.
const SMALL = 4 * 1024 * 1024;
// Each worker takes some megabytes.
const MOST = 4;

/**
 * Makes the function that proves a part of a file. A worker is made from the
 * text of this one, so it names nothing from outside of itself.
 */
function prover(fs, crypto, zlib) {
  // What fits a processor's cache is hashed fastest.
  const PLAIN = 128 * 1024;
  const CODED = 64 * 1024;
  const broken = (code, file, message) => Object.assign(new Error(message ?? code), { code, file });

  function* blocks(descriptor, file, from, length, size) {
    const block = Buffer.allocUnsafe(Math.min(size, length));
    for (let at = 0; at < length; ) {
      const count = fs.readSync(descriptor, block, 0, Math.min(block.length, length - at), from + at);
      if (count === 0) throw broken('SHORT', file);
      at += count;
      yield count === block.length ? block : block.subarray(0, count);
    }
  }

  /** What a compressed part holds, to the sink; a stream that does not end, or ends before the part does, is broken. */
  function expand(coding, source, length, file, limit, take) {
    const make = { inflate: zlib.createInflateRaw, gunzip: zlib.createGunzip, unzstd: zlib.createZstdDecompress }[coding];
    if (!make) throw broken('UNSUPPORTED', file);
    const expander = make({ chunkSize: 256 * 1024 });
    let total = 0;
    return new Promise((resolve, reject) => {
      const fail = (error) => {
        expander.destroy();
        reject(error);
      };
      expander.on('error', (error) => fail(broken('CORRUPT', file, error.message)));
      expander.on('data', (block) => {
        total += block.length;
        if (total > limit) fail(broken('LARGE', file));
        else take(block);
      });
      expander.on('end', () => {
        // zlib leaves what it does not understand behind the end, unless it is a member of its own.
        if (expander.bytesWritten !== length) fail(broken('CORRUPT', file, 'something follows its end'));
        else resolve(total);
      });
      const feed = () => {
        try {
          for (;;) {
            const { value, done } = source.next();
            if (done) return void expander.end();
            // The next one is read into the same memory.
            if (!expander.write(Buffer.from(value))) return void expander.once('drain', feed);
          }
        } catch (error) {
          fail(error);
        }
      };
      feed();
    });
  }

  /** SHA-256 and SHA-1 before the coding, CRC-32, bytes after it, SHA-256 after it: as `stream` answers. */
  return async function prove({ file, from, length, coding, limit, sha256, sha1 }) {
    let descriptor;
    try {
      descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
      if (!fs.fstatSync(descriptor).isFile()) throw broken('EISDIR', file);
      const hashes = [sha256 && 'sha256', sha1 && 'sha1'].map((name) => (name ? crypto.createHash(name) : undefined));
      const before = function* () {
        for (const block of blocks(descriptor, file, from, length, coding === 'plain' ? PLAIN : CODED)) {
          for (const hash of hashes) hash?.update(block);
          yield block;
        }
      };
      let size = length;
      let coded;
      if (coding === 'plain') for (const block of before()) void block;
      else {
        const hash = sha256 ? crypto.createHash('sha256') : undefined;
        size = await expand(coding, before(), length, file, limit, (block) => hash?.update(block));
        coded = hash?.digest('hex');
      }
      const [first, second] = hashes.map((hash) => hash?.digest('hex') ?? '');
      return [first, second, 0, size, coded ?? first];
    } catch (error) {
      throw Object.assign(error, { file });
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  };
}

const WORKER = `
const { parentPort } = require('node:worker_threads');
const prove = (${prover})(require('node:fs'), require('node:crypto'), require('node:zlib'));
parentPort.on('message', (job) => prove(job).then(
  (answer) => parentPort.postMessage({ answer }),
  ({ message, code, file }) => parentPort.postMessage({ error: { message, code, file } }),
));`;

let most = 0;
let threads;
const idle = [];
const busy = new Set();
const waiting = [];

/** Gives the next job to a thread, as long as there are both. */
function next() {
  while (waiting.length > 0 && (idle.length > 0 || busy.size < most)) {
    const thread = idle.pop() ?? new threads.Worker(WORKER, { eval: true, stdout: true, stderr: true });
    const { job, resolve, reject } = waiting.shift();
    busy.add(thread);
    thread.ref();
    const end = (settle, value) => {
      for (const name of ['message', 'error']) thread.removeAllListeners(name);
      busy.delete(thread);
      settle(value);
    };
    thread.on('message', ({ answer, error }) => {
      // It does not keep the process alive while it has nothing to do.
      thread.unref();
      idle.push(thread);
      if (error) end(reject, Object.assign(new Error(error.message), error));
      else end(resolve, answer);
      next();
    });
    thread.on('error', (error) => {
      end(reject, Object.assign(error, { file: job.file }));
      next();
    });
    thread.postMessage(job);
  }
}

/** Proves a part of a file: the five values that `stream` answers for a range. */
export async function prove(job) {
  if (job.length <= SMALL) {
    const [fs, crypto, zlib] = [await import('node:fs'), await import('node:crypto'), await import('node:zlib')];
    return prover(fs.default ?? fs, crypto.default ?? crypto, zlib.default ?? zlib)(job);
  }
  threads ??= await import('node:worker_threads');
  most ||= Math.min(MOST, (await import('node:os')).availableParallelism());
  return new Promise((resolve, reject) => {
    waiting.push({ job, resolve, reject });
    next();
  });
}

/** Ends what still runs: the process is asked to stop, and nobody waits for it any more. */
export function abandon() {
  waiting.length = 0;
  for (const thread of busy) thread.unref();
  for (const thread of busy) thread.terminate();
  busy.clear();
}
