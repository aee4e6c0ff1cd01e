// Measures, side by side in one run, and says which goals are met.
//
//   node scripts/bench.mjs [name...]     by default every bench
//
// To add one, write a file in scripts/bench/ that exports `about` and `bench()`,
// which gives tables (scripts/bench/support.mjs), and add it to BENCHES.

import os from 'node:os';

import * as deploy from './bench/deploy.mjs';
import * as images from './bench/images.mjs';
import * as migrate from './bench/migrate.mjs';
import * as pack from './bench/pack.mjs';
import * as reports from './bench/reports.mjs';
import * as start from './bench/start.mjs';
import * as store from './bench/store.mjs';
import { printTable } from './bench/support.mjs';
import { orSayWhy } from './lib/run.mjs';
import { setUp } from './setup.mjs';

const BENCHES = { start, reports, pack, images, store, deploy, migrate };

async function main(asked) {
  const unknown = asked.filter((name) => !(name in BENCHES));
  const known = Object.keys(BENCHES).join(', ');
  if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}; there are ${known}`);
  await setUp({ for: 'bench' });
  const cpus = os.cpus();
  console.log(`${cpus.length} × ${cpus[0]?.model.trim()}, ${os.type()} ${os.release()}`);
  for (const [name, { about, bench }] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n${name}: ${about}`);
    for (const table of await bench()) printTable(table);
  }
}

await orSayWhy(() => main(process.argv.slice(2)));
