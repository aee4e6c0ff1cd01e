// Writes the files that are generated from the code.
//
//   node scripts/generate.mjs           writes them
//   node scripts/generate.mjs --check   says which are out of date
//
// To add some, write a file in scripts/generate/ that exports `files()`, which
// gives paths in the project with their texts, and add it to GENERATORS.

import path from 'node:path';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { PROJECT } from './lib/paths.mjs';
import * as licences from './generate/licences.mjs';

const GENERATORS = [licences];

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

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes('--check')) {
    const stale = await outdated();
    for (const name of stale) console.log(`${name} is out of date: run \`npm run generate\``);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    await write();
  }
}
