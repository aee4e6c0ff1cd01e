// wasm-bindgen's command line, in exactly the version of the crate: the two
// halves of its protocol must fit.

import path from 'node:path';
import { existsSync, readFileSync } from 'node:fs';

import { PROJECT, fromCargo } from './paths.mjs';
import { ask, onPath } from './run.mjs';

/** The version that Cargo.lock names. */
export const VERSION = readFileSync(path.join(PROJECT, 'Cargo.lock'), 'utf8').match(
  /name = "wasm-bindgen"\r?\nversion = "(.+)"/,
)[1];

const fits = (file) => file && existsSync(file) && ask(file, ['--version'])?.split(/\s+/)[1] === VERSION;
const find = (name) => [fromCargo(name), onPath(name)].find(fits);

/** The program that writes the JavaScript glue; undefined before set-up. */
export const wasmBindgen = () => find('wasm-bindgen');

/** The program that runs the tests of a module under Node; undefined before set-up. */
export const wasmBindgenTestRunner = () => find('wasm-bindgen-test-runner');
