// Proves that dist/ is what the source says: builds the project once more, in a
// copy whose path has another length, and compares every byte and every file.
//
//   node scripts/check-dist.mjs
//
// Only the canonical toolchain gives the committed bytes. With another one the
// rebuilt action is still made, so that both can be tested, and nothing is
// claimed about the bytes.

import path from 'node:path';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

import { build } from './build.mjs';
import { CACHE, DIST, PROJECT } from './lib/paths.mjs';
import { ask, isCommand, orSayWhy, strict } from './lib/run.mjs';
import { findToolchain } from './lib/toolchain.mjs';
import { setUp } from './setup.mjs';

/** What `git archive` may have, in bytes, compressed as GitHub sends it: every `uses:` downloads it. */
const ARCHIVE_LIMIT = 4 * 1024 * 1024;

/** Where the copy lies; its path is longer than the project's own by all of this. */
const COPY = path.join(CACHE, 'a-copy-of-the-project-whose-path-has-another-length');

/** The dist/ that the copy gave. */
export const REBUILT = path.join(COPY, 'dist');

/**
 * Rebuilds and compares. `problems` is empty when all is well; `compared` says
 * whether the bytes were compared; `notes` are for people.
 */
export async function checkDist() {
  const toolchain = findToolchain();
  if (!toolchain) throw new Error('no compiler for wasm32 here: run `npm run setup`');
  copyProject();
  await build({ project: COPY, quiet: true });
  const problems = [...missingFiles(), ...archiveProblems()];
  const notes = [];
  if (toolchain.canonical) {
    problems.push(...differences(), ...uncommitted());
    notes.push(`compared with a build by ${toolchain.name}`);
  } else {
    notes.push(`not compared: ${toolchain.name} is not the canonical toolchain, whose bytes are committed`);
  }
  for (const name of listFiles(DIST)) notes.push(`${name}: ${size(name)} bytes, SHA-256 ${digest(path.join(DIST, name))}`);
  return { compared: toolchain.canonical, problems, notes };
}

/** Brings the copy up to date. Files that have not changed keep their time, so that cargo sees what changed. */
function copyProject() {
  const listed = spawnSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: PROJECT, encoding: 'utf8' });
  if (listed.status !== 0) throw new Error('`git ls-files` failed: the comparison needs a git checkout');
  const wanted = listed.stdout.split('\0').filter((name) => name && !name.startsWith('dist/'));
  const files = new Set(wanted.filter((name) => existsSync(path.join(PROJECT, name))));
  mkdirSync(COPY, { recursive: true });
  for (const name of listFiles(COPY, ['target', 'dist'])) if (!files.has(name)) rmSync(path.join(COPY, name));
  for (const name of files) {
    const [from, to] = [path.join(PROJECT, name), path.join(COPY, name)];
    if (!statSync(from).isFile()) continue;
    if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) continue;
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}

/** Every file below a folder, with `/`; not what lies in the folders to `skip` at its top. */
function listFiles(folder, skip = []) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skip.includes(entry.name)) return [];
    if (!entry.isDirectory()) return [entry.name];
    return listFiles(path.join(folder, entry.name)).map((name) => `${entry.name}/${name}`);
  });
}

const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const size = (name) => statSync(path.join(DIST, name)).size;

function missingFiles() {
  const wanted = listFiles(REBUILT).filter((name) => !existsSync(path.join(DIST, name)));
  return wanted.map((name) => `dist/${name} is missing: run \`npm run build\` and commit dist/`);
}

function differences() {
  const rebuilt = new Set(listFiles(REBUILT));
  return listFiles(DIST).flatMap((name) => {
    if (!rebuilt.has(name)) return [`dist/${name} does not come from the build`];
    const [committed, ours] = [path.join(DIST, name), path.join(REBUILT, name)].map(digest);
    if (committed === ours) return [];
    return [`dist/${name} is not what the source gives: ${committed} instead of ${ours}; run \`npm run build\``];
  });
}

/** In a build service the tree must be clean, files that git does not know included. */
function uncommitted() {
  if (!strict) return [];
  const status = ask('git', ['status', '--porcelain', '--ignored', '--', 'dist'], { cwd: PROJECT });
  if (status === undefined) return ['`git status` failed'];
  return status.split('\n').filter(Boolean).map((line) => `dist/ is not as committed: ${line}`);
}

function archiveProblems() {
  const options = { cwd: PROJECT, maxBuffer: 256 * 1024 * 1024 };
  const archive = spawnSync('git', ['archive', '--format=tar.gz', 'HEAD'], options);
  if (archive.status !== 0) return ['`git archive` failed'];
  const bytes = archive.stdout.length;
  return bytes > ARCHIVE_LIMIT ? [`\`git archive\` has ${bytes} bytes, more than the ${ARCHIVE_LIMIT} it may have`] : [];
}

async function main() {
  await setUp({ for: 'build' });
  const { problems, notes } = await checkDist();
  for (const note of notes) console.log(note);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

if (isCommand(import.meta.url)) await orSayWhy(main);
