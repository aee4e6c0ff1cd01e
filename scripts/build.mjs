// Builds dist/: main.cjs and waybill.wasm, all that a runner needs.
//
//   node scripts/build.mjs [folder]     another folder than dist/

import path from 'node:path';
import { createRequire } from 'node:module';
import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs';

import { DIST, PROJECT, fromNpm } from './lib/paths.mjs';
import { isCommand, orSayWhy, run } from './lib/run.mjs';
import { TARGET, encodedFlags, findToolchain } from './lib/toolchain.mjs';
import { setUp } from './setup.mjs';
import { wasmBindgen } from './lib/wasm-bindgen.mjs';

/** What the module may grow to, in bytes. */
export const MODULE_LIMIT = 3584 * 1024;

// `--all-features` makes a module that Node refuses; these are what the compiler
// uses and what Node 20 has.
const FEATURES = [
  'bulk-memory',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
].map((name) => `--enable-${name}`);

// A run takes little of the module and takes it once: what counts is how much
// Node's baseline compiler has to read before the first command starts. Large
// functions, made of small ones that have one caller, cost it most.
const LEAN = ['-Oz', '--one-caller-inline-max-function-size', '200'];

// Read and compiled at once while main.cjs loads: there is nothing else to do
// meanwhile. A run takes a small part of the module, function by function, and
// the engine is told to check each when it takes it: to check all of them
// first would cost every job the time of all the others. An engine without the
// setting says so and goes on.
const LOADER = `
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { initSync } from './waybill.js';
export * from './waybill.js';
setFlagsFromString('--wasm-lazy-validation');
const module = new WebAssembly.Module(readFileSync(__dirname + '/waybill.wasm'));
// As it was: Node's own compiled code is good for the settings that it was compiled with.
setFlagsFromString('--no-wasm-lazy-validation');
initSync({ module });
`;

/**
 * Builds the project in `project` into `out`, with everything in between in the
 * project's `target` folder. Needs set-up to be done.
 */
export async function build({ project = PROJECT, out = path.join(project, 'dist'), quiet = false } = {}) {
  const toolchain = findToolchain();
  if (!toolchain) throw new Error('no compiler for wasm32 here: run `npm run setup`');
  const target = path.join(project, 'target');
  const glue = path.join(target, 'glue');
  // Made aside, so that a build that fails leaves the last one as it was.
  const draft = path.join(target, 'dist');
  for (const folder of [glue, draft]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });

  const environment = { ...toolchain.environment, CARGO_ENCODED_RUSTFLAGS: encodedFlags(project, toolchain) };
  await run(
    toolchain.cargo,
    ['build', '--lib', '--release', '--locked', '--target', TARGET, '--target-dir', target, ...toolchain.flags],
    { cwd: project, env: environment, quiet },
  );
  const built = path.join(target, TARGET, 'release', 'waybill.wasm');
  const plain = ['--no-typescript', '--remove-name-section', '--remove-producers-section'];
  await run(wasmBindgen(), ['--target', 'web', ...plain, '--out-dir', glue, '--out-name', 'waybill', built], { quiet });
  const module = path.join(draft, 'waybill.wasm');
  const optimizer = fromNpm('binaryen', 'bin', 'wasm-opt');
  const strip = ['--strip-debug', '--strip-producers', '--strip-target-features'];
  const optimize = [optimizer, path.join(glue, 'waybill_bg.wasm'), ...LEAN, ...strip, ...FEATURES, '-o', module];
  await run(process.execPath, optimize, { quiet });
  await bundle(project, glue, draft);

  const size = statSync(module).size;
  if (size > MODULE_LIMIT) throw new Error(`waybill.wasm has ${size} bytes, more than the ${MODULE_LIMIT} it may have`);
  rmSync(out, { recursive: true, force: true });
  cpSync(draft, out, { recursive: true });
  return { module: size, script: statSync(path.join(out, 'main.cjs')).size, toolchain };
}

/** The shim and the generated glue in one CommonJS file: it starts faster than the same as an ES module. */
async function bundle(project, glue, out) {
  const { build: bundleWith } = createRequire(path.join(PROJECT, 'package.json'))('esbuild');
  const loader = {
    name: 'waybill-wasm',
    setup(hooks) {
      hooks.onResolve({ filter: /^waybill-wasm$/ }, () => ({ path: 'loader', namespace: 'waybill' }));
      hooks.onLoad({ filter: /.*/, namespace: 'waybill' }, () => ({ contents: LOADER, resolveDir: glue }));
    },
  };
  await bundleWith({
    absWorkingDir: project,
    entryPoints: ['js-shim/index.mjs'],
    outfile: path.join(out, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    charset: 'utf8',
    // A dynamic import would start Node's ES module loader; require does not.
    supported: { 'dynamic-import': false },
    // The glue's own way to find the module is not used; LOADER is.
    define: { 'import.meta.url': 'undefined' },
    banner: { js: '// Built from js-shim/ and src/ by scripts/build.mjs. Do not edit.' },
    plugins: [loader],
    logLevel: 'warning',
  });
}

async function main(folder) {
  await setUp({ for: 'build' });
  const out = folder ? path.resolve(folder) : DIST;
  const { module, script, toolchain } = await build({ out });
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  const place = path.relative(process.cwd(), out) || '.';
  console.log(`${place}: waybill.wasm ${kib(module)}, main.cjs ${kib(script)}, by ${toolchain.name}`);
}

if (isCommand(import.meta.url)) await orSayWhy(() => main(process.argv[2]));
