// Writes the files that are generated from the code.
//
//   node scripts/generate.mjs           writes them
//   node scripts/generate.mjs --check   says which are out of date
//
// To add some, write a file in scripts/generate/ that exports `files()`, which
// gives paths in the project with their texts, and add it to GENERATORS.

import path from 'node:path';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { PROJECT } from './lib/paths.mjs';
import { isCommand, orSayWhy } from './lib/run.mjs';
import * as formats from './generate/formats.mjs';
import * as licences from './generate/licences.mjs';

const GENERATORS = [formats, licences];

/** Every generated file: its path in the project, and what it should hold. */
async function all() {
  const lists = await Promise.all(GENERATORS.map((generator) => generator.files()));
  return lists.flatMap((list) => Object.entries(list));
}

/** The generated files that do not hold what they should. */
export async function outdated() {
  const stale = ([name, text]) => {
    const file = path.join(PROJECT, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  };
  return (await all()).filter(stale).map(([name]) => name);
}

async function write() {
  for (const [name, text] of await all()) {
    const file = path.join(PROJECT, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(name);
  }
}

async function check() {
  const stale = await outdated();
  if (stale.length > 0) throw new Error(`out of date: ${stale.join(', ')}; run \`npm run generate\``);
}

if (isCommand(import.meta.url)) await orSayWhy(process.argv.includes('--check') ? check : write);
