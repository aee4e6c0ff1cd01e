// Damages reports and throws them at every reader: each truncation of each
// file, then mutations. See tests/reports_fuzz.rs.
//
//   node scripts/fuzz.mjs [--mutations 1000000] [--seed 1]

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { PROJECT } from './lib/paths.mjs';
import { cargoEnvironment } from './lib/toolchain.mjs';

const { values } = parseArgs({
  options: { mutations: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const { WAYBILL_CORPUS } = process.env;
const env = cargoEnvironment({
  WAYBILL_FUZZ_MUTATIONS: values.mutations,
  WAYBILL_FUZZ_SEED: values.seed,
  ...(WAYBILL_CORPUS ? { WAYBILL_CORPUS } : {}),
});
const words = ['test', '--locked', '--profile', 'fuzz', '--test', 'reports_fuzz', '--', '--ignored', '--nocapture'];
const { status } = spawnSync('cargo', [...words, '--test-threads=1'], { cwd: PROJECT, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
