// Measures, side by side in one run, and says which goals are met.
//
//   node scripts/bench.mjs [name...]     by default every bench
//
// To add one, write a file in scripts/bench/ that exports `about` and `bench()`,
// which gives tables (scripts/bench/support.mjs), and add it to BENCHES.

import os from 'node:os';

import * as start from './bench/start.mjs';
import { printTable } from './bench/support.mjs';
import { setUp } from './setup.mjs';

const BENCHES = { start };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  await setUp({ for: 'bench' });
  const cpus = os.cpus();
  console.log(`${cpus.length} × ${cpus[0]?.model.trim()}, ${os.type()} ${os.release()}`);
  for (const [name, { about, bench }] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n${name}: ${about}`);
    for (const table of await bench()) printTable(table);
  }
}
