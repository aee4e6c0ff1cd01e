// Which compiler builds the WebAssembly module, and how it has to be called.
//
// Canonical is rustup's toolchain of the version in rust-toolchain.toml, on
// Linux x86-64: only its bytes are those of the committed dist/. Where rustup
// cannot bring the standard library for wasm32, a compiler of the distribution
// with the library's sources builds that library too.

import os from 'node:os';
import path from 'node:path';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

import { PROJECT } from './paths.mjs';
import { ask, cleanEnvironment, onPath } from './run.mjs';

/** The target of the module. */
export const TARGET = 'wasm32-unknown-unknown';

/** The version in rust-toolchain.toml. */
export const CHANNEL = readFileSync(path.join(PROJECT, 'rust-toolchain.toml'), 'utf8').match(/channel = "(.+)"/)[1];

const CANONICAL_HOST = 'x86_64-unknown-linux-gnu';

/** The environment for every cargo of ours: offline once set-up is over, and rustup never installs by itself. */
export function cargoEnvironment(more = {}) {
  return cleanEnvironment({ RUSTUP_AUTO_INSTALL: '0', CARGO_TERM_COLOR: 'never', ...more });
}

/**
 * The toolchain that can build for wasm32 here, or undefined:
 * `cargo`, `environment` and `flags` to call it with, `sysroot` and `sources`
 * to hide in paths, `canonical`, and a `name` for people.
 */
export function findToolchain() {
  return ordinary() ?? distribution();
}

/** cargo on PATH, with a ready standard library for wasm32. */
function ordinary() {
  const cargo = onPath('cargo');
  const environment = cargoEnvironment();
  const options = { cwd: PROJECT, env: environment };
  const sysroot = cargo && ask('rustc', ['--print', 'sysroot'], options);
  if (!sysroot || !existsSync(path.join(sysroot, 'lib', 'rustlib', TARGET, 'lib'))) return undefined;
  const about = ask('rustc', ['-vV'], options) ?? '';
  const fact = (name) => about.match(new RegExp(`^${name}: (.+)$`, 'm'))?.[1];
  const byRustup = existsSync(path.join(sysroot, 'lib', 'rustlib', 'multirust-channel-manifest.toml'));
  return {
    name: `${byRustup ? "rustup's" : 'the system’s'} ${about.split('\n')[0]} on ${fact('host')}`,
    canonical: byRustup && fact('release') === CHANNEL && fact('host') === CANONICAL_HOST,
    cargo,
    environment,
    flags: [],
    sysroot,
    commit: fact('commit-hash'),
  };
}

/** Debian's `rustc-web`, `cargo-web`, `rust-web-src` and a linker: the standard library is built with the rest. */
function distribution() {
  const rustc = '/usr/bin/rustc';
  const cargo = '/usr/bin/cargo';
  if (!existsSync(rustc) || !existsSync(cargo)) return undefined;
  const environment = cargoEnvironment({ RUSTC: rustc, RUSTC_BOOTSTRAP: '1' });
  const options = { cwd: os.tmpdir(), env: environment };
  const sysroot = ask(rustc, ['--print', 'sysroot'], options);
  const linker = readdirSync('/usr/bin').filter((name) => /^wasm-ld(-\d+)?$/.test(name)).sort().at(-1);
  const sources = sysroot && path.join(sysroot, 'lib', 'rustlib', 'src', 'rust', 'library');
  if (!sources || !existsSync(sources) || !linker) return undefined;
  environment.CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER = path.join('/usr/bin', linker);
  const about = ask(rustc, ['-vV'], options) ?? '';
  return {
    name: `the distribution's ${about.split('\n')[0]}, which builds the standard library too`,
    canonical: false,
    cargo,
    environment,
    flags: ['-Zbuild-std=std,panic_abort'],
    sysroot,
    commit: about.match(/^commit-hash: (.+)$/m)?.[1],
  };
}

// What is marked as worth inlining in the libraries is small there and large in
// sum: with the compiler's own limit of 325 the module is a tenth larger, and
// reads reports no faster. Of the two forms of SHA-256 the short one: large
// files are digested by Node.
const SMALLER = ['-Cllvm-args=-inlinehint-threshold=100', '--cfg=sha2_backend_soft="compact"'];

/**
 * The compiler's flags, separated as cargo wants them: paths of this machine
 * are replaced, so that the same source gives the same bytes in every folder.
 */
export function encodedFlags(project, toolchain) {
  const cargoHome = process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
  const library = path.join(toolchain.sysroot, 'lib', 'rustlib', 'src', 'rust');
  // The last one that fits wins, hence from the general to the particular.
  const hidden = [
    [cargoHome, '/cargo'],
    [toolchain.sysroot, '/rust'],
    [library, `/rustc/${toolchain.commit}`],
    [project, '/waybill'],
  ];
  const remapped = hidden.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  return [...remapped, ...SMALLER].join('\x1f');
}
