// What the WebAssembly module may do to the world: one function a method of
// the Host port (src/host/mod.rs). Nothing here decides anything. Errors keep
// Node's `code`, from which the port's errors are made.

import fs from 'node:fs';
import path from 'node:path';

import { abandon } from './aside.mjs';
export { connectSocket, deriveKey, normalizedText } from './socket.mjs';

const STDOUT = 1;
const PIECE = 64 * 1024;
// How long a pipe may stay open after the child ended: a process that it left
// behind holds it. The runner grants the same.
const LEFT_BEHIND_MS = 5000;

export const programArguments = () => process.argv.slice(2);
/** Name and value in turn, as bytes with zeros between: many texts cross the border at the price of one. */
export const environment = () => Buffer.from(Object.entries(process.env).flat().join('\0'));
export const platform = () => process.platform;

// Chance is fetched for several calls at once.
const chance = new Uint8Array(512);
let left = 0;

/** The system's own source: to load node:crypto takes about as long as to start a child. */
export function random(bytes) {
  if (left < bytes.length) {
    fetchChance();
    left = chance.length;
  }
  left -= bytes.length;
  bytes.set(chance.subarray(left, left + bytes.length));
}

function fetchChance() {
  if (process.platform === 'win32') return void process.getBuiltinModule('node:crypto').randomFillSync(chance);
  const source = fs.openSync('/dev/urandom');
  try {
    for (let at = 0; at < chance.length; ) at += fs.readSync(source, chance, at, chance.length - at);
  } finally {
    fs.closeSync(source);
  }
}

/** A wait that can be given up, so that it does not keep the process alive. */
export function timer(milliseconds) {
  let handle;
  const over = new Promise((resolve) => {
    handle = setTimeout(resolve, milliseconds);
  });
  return { over: () => over, clear: () => clearTimeout(handle) };
}

let stopped;
/** Resolves with `SIGINT` or `SIGTERM` when the process is asked to stop. */
export function cancelled() {
  stopped ??= new Promise((resolve) => {
    const stop = (signal) => {
      resolve(signal);
      abandon();
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal));
    if (process.platform === 'win32') process.on('SIGBREAK', () => stop('SIGTERM'));
  });
  return stopped;
}

// Synchronous, so that nothing is lost however the process ends; process.stdout
// is never touched, since it would make the pipe non-blocking.
export function print(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(STDOUT, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code === 'EPIPE') return;
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

// Not blocking, so that a named pipe cannot hang us.
export function open(file) {
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  if (fs.fstatSync(descriptor).isFile()) return descriptor;
  fs.closeSync(descriptor);
  throw Object.assign(new Error('not a regular file'), { code: 'EISDIR' });
}
export const read = (descriptor, bytes, at) => fs.readSync(descriptor, bytes, 0, bytes.length, at);
export const close = (descriptor) => fs.closeSync(descriptor);

function withFolder(file, write) {
  try {
    return write();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    return write();
  }
}
export const writeNew = (file, bytes) => withFolder(file, () => fs.writeFileSync(file, bytes, { flag: 'wx' }));
export const append = (file, bytes) => withFolder(file, () => fs.appendFileSync(file, bytes));
export function replace(file, bytes) {
  const draft = `${file}.${process.pid}.new`;
  withFolder(draft, () => fs.writeFileSync(draft, bytes));
  fs.renameSync(draft, file);
}
export const remove = (file) => fs.rmSync(file, { recursive: true, force: true });
export const realPath = (file) => fs.realpathSync(file).replaceAll(path.sep, '/');

export const readLink = (file) => fs.readlinkSync(file).replaceAll(path.sep, '/');

export { body, save, stream } from './bulk.mjs';

// The bytes lie in the module's memory, which may move while we wait.
export const sign = async (seed, message) => {
  const [key, text] = [Buffer.from(seed), Buffer.from(message)];
  return (await import('./keys.mjs')).sign(key, text);
};
export const verify = async (...given) => {
  const copies = given.map((bytes) => Buffer.from(bytes));
  return (await import('./keys.mjs')).verify(...copies);
};

/** Name, kind (`f`, `d`, `l`, `o`), size, time of change and whether it may be executed (`x`) in turn. */
/** Name, kind (`f`, `d`, `l`, `o`), size, time of change in microseconds, and whether it may be executed (`x`) in turn. */
export function list(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const kind = entry.isSymbolicLink() ? 'l' : entry.isDirectory() ? 'd' : entry.isFile() ? 'f' : 'o';
    const stat = kind === 'f' && fs.lstatSync(path.join(folder, entry.name), { throwIfNoEntry: false });
    const [size, modified] = stat ? [stat.size, Math.trunc(stat.mtimeMs * 1000)] : [0, 0];
    return [entry.name, kind, String(size), String(modified), stat && stat.mode & 0o100 ? 'x' : ''];
  });
}

/** Starts a child, with an environment as `environment` gives it; its two streams become one queue, read only as fast as it is taken. */
export async function start(program, programArguments, directory, environment) {
  const posix = process.platform !== 'win32';
  const env = {};
  // The bytes are the module's memory, which moves on: they are read before any wait.
  const flat = Buffer.from(environment).toString().split('\0');
  for (let at = 0; at + 1 < flat.length; at += 2) env[flat[at]] = flat[at + 1];
  const { spawn } = await import('node:child_process');
  const child = spawn(program, programArguments, {
    cwd: directory,
    env,
    detached: posix,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const streams = [child.stdout, child.stderr];
  const queue = [];
  let wake = () => {};
  let ended = false;
  for (const stream of streams) {
    stream.on('data', (piece) => {
      for (let at = 0; at < piece.length; at += PIECE) queue.push(piece.subarray(at, at + PIECE));
      for (const each of streams) each.pause();
      wake();
    });
    stream.on('error', () => {});
  }
  const status = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      const patience = setTimeout(() => streams.forEach((stream) => stream.destroy()), LEFT_BEHIND_MS);
      child.on('close', async () => {
        clearTimeout(patience);
        ended = true;
        wake();
        resolve(signal ? -(await import('node:os')).constants.signals[signal] : code);
      });
    });
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      // Node names the program whichever of the two is missing.
      const noDirectory = error.code === 'ENOENT' && !fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory();
      reject(noDirectory ? Object.assign(error, { code: 'ENOTDIR' }) : error);
    });
  });
  return {
    /** The next piece of output; undefined when there is no more. */
    async next() {
      while (queue.length === 0 && !ended) {
        for (const stream of streams) stream.resume();
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      return queue.shift();
    },
    /** The exit code, or the negated number of the signal that ended it. */
    status: () => status,
    signal(name) {
      try {
        if (posix) process.kill(-child.pid, name);
        else spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true });
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    },
  };
}

let proxied = false;
/** Node's fetch looks at the proxy variables only when it is told to. */
export async function useProxy() {
  if (proxied) return;
  proxied = true;
  const asked = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].some((name) => process.env[name]);
  if (asked) (await import('node:http')).setGlobalProxyFromEnv?.();
}

/** After a trap: the module cannot speak any more, so the shim does. */
export function lastWords(error) {
  const text = String(error?.stack ?? error).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  print(new TextEncoder().encode(`::debug::${text}\n`));
}
