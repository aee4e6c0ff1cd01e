// How long the action takes for a large report, from start to end of the
// process, against parsers that merely parse it, and how its time grows with
// the report. What it does besides: it counts, locates, ranks, and writes the
// summary, the machine-readable report and the ledger.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import { DIST, PROJECT } from '../lib/paths.mjs';
import { cleanEnvironment } from '../lib/run.mjs';
import { environmentOf } from '../../tests/node/harness.mjs';
import { eslint, junit, sarif } from './reports-made.mjs';
import { goal, spread, timePrograms } from './support.mjs';

export const about = 'large reports, in milliseconds and MiB';

const ROUNDS = Number(process.env.WAYBILL_BENCH_ROUNDS ?? 7);
const PEAKS = 3;
// Goals: our part of the fastest parser's time, our memory, and what twice the report may cost.
const RATIO_LIMIT = 0.25;
const MEMORY_LIMIT = 110;
const GROWTH_LIMIT = 2.2;

const require = createRequire(path.join(PROJECT, 'package.json'));
const load = (name) => `require(${JSON.stringify(require.resolve(name))})`;
const TEXT = "require('fs').readFileSync(process.argv[1], 'utf8')";

// Each as its users call it: attributes are what a JUnit file consists of.
const PARSERS = {
  'fast-xml-parser': `new (${load('fast-xml-parser')}.XMLParser)({ ignoreAttributes: false }).parse(${TEXT})`,
  'fast-xml-parser, no attributes': `new (${load('fast-xml-parser')}.XMLParser)().parse(${TEXT})`,
  xml2js: `${load('xml2js')}.parseString(${TEXT}, () => {})`,
  'xml-js': `${load('xml-js')}.xml2js(${TEXT}, { compact: true })`,
};

/** A table for JUnit against the parsers, one for its growth, one each for SARIF and ESLint. */
export async function bench() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'waybill-bench-'));
  try {
    const write = (name, text) => {
      fs.writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    return [
      against(folder, 'JUnit', 'test', write('junit.xml', junit(100_000)), PARSERS, RATIO_LIMIT),
      growth(folder, [25_000, 50_000, 100_000].map((cases) => [cases, write(`${cases}.xml`, junit(cases))])),
      againstJson(folder, 'SARIF of 25,000 results', write('a.sarif', sarif(25_000))),
      againstJson(folder, 'ESLint', write('eslint.json', eslint(50))),
    ];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const mib = (file) => (fs.statSync(file).size / 2 ** 20).toFixed(0);
const bare = (program) => ({ program: process.execPath, arguments: program, env: cleanEnvironment() });

let count = 0;

/** A whole step that reads this one report. */
function step(folder, job, report) {
  count += 1;
  const workspace = path.join(folder, `workspace-${count}`);
  fs.mkdirSync(workspace);
  fs.copyFileSync(report, path.join(workspace, 'report'));
  const { env, files } = environmentOf(workspace, { 'job-type': job, environment: 'development', reports: 'report' });
  const check = () => {
    const outputs = fs.readFileSync(files.OUTPUT, 'utf8');
    if (!/(tests|findings)<</.test(outputs)) throw new Error('the action wrote no counts');
    fs.rmSync(workspace, { recursive: true });
  };
  // The report has failures, so the step fails: that is what was asked for.
  return { program: process.execPath, arguments: [path.join(DIST, 'main.cjs')], cwd: workspace, env, status: 1, check };
}

/** The most memory that a program of Node holds, in MiB: the middle of a few runs that are not timed. */
function peak(prepare) {
  const told = path.join(os.tmpdir(), `waybill-peak-${process.pid}`);
  const hook = `${told}.cjs`;
  const write = `require('fs').writeFileSync(${JSON.stringify(told)}, String(process.resourceUsage().maxRSS))`;
  fs.writeFileSync(hook, `process.on('exit', () => ${write});`);
  const peaks = Array.from({ length: PEAKS }, () => {
    const { program, arguments: given, cwd, env, check } = prepare();
    spawnSync(program, ['--require', hook, ...given], { cwd, env, windowsHide: true });
    check?.();
    return Number(fs.readFileSync(told, 'utf8')) / 1024;
  });
  for (const file of [told, hook]) fs.rmSync(file);
  return spread(peaks).median;
}

function measure(contenders) {
  const times = timePrograms(contenders, ROUNDS);
  const found = Object.entries(contenders).map(([name, prepare]) => [name, { ...times[name], memory: peak(prepare) }]);
  return Object.fromEntries(found);
}

function table(title, found, ours) {
  const round = (number) => number.toFixed(0);
  const rows = Object.entries(found).map(([name, { min, median, max, memory }]) => [
    name,
    ...[min, median, max, memory].map(round),
    (found[ours].median / median).toFixed(2),
  ]);
  return { title, head: ['', 'min', 'median', 'max', 'MiB', 'ours of it'], rows };
}

const OURS = 'waybill';

function against(folder, name, job, report, programs, limit) {
  const others = Object.entries(programs).map(([program, code]) => [program, () => bare(['-e', code, report])]);
  const found = measure({ ...Object.fromEntries(others), [OURS]: () => step(folder, job, report) });
  const fastest = Math.min(...Object.keys(programs).map((program) => found[program].median));
  const ratio = found[OURS].median / fastest;
  const { memory } = found[OURS];
  return {
    ...table(`${name}, ${mib(report)} MiB`, found, OURS),
    goals: [
      goal(`at most ${limit} of the fastest`, ratio.toFixed(2), ratio <= limit),
      goal(`at most ${MEMORY_LIMIT} MiB of memory`, `${memory.toFixed(0)} MiB`, memory <= MEMORY_LIMIT),
    ],
  };
}

function againstJson(folder, name, report) {
  return against(folder, name, 'lint', report, { 'JSON.parse alone': `JSON.parse(${TEXT})` }, 1);
}

function growth(folder, reports) {
  const name = (cases) => (cases === 0 ? 'one case' : `${cases / 1000},000 cases`);
  const nothing = path.join(folder, 'nothing.xml');
  fs.writeFileSync(nothing, junit(0).replace('</testsuites>', '<testcase name="a"><failure/></testcase></testsuites>'));
  const all = [[0, nothing], ...reports];
  const found = measure(Object.fromEntries(all.map(([cases, report]) => [name(cases), () => step(folder, 'test', report)])));
  const net = ([cases]) => found[name(cases)].median - found[name(0)].median;
  const [half, whole] = reports.slice(-2).map(net);
  return {
    ...table('JUnit as it grows', found, name(reports.at(-1)[0])),
    goals: [goal(`twice the report in at most ${GROWTH_LIMIT} of the time`, (whole / half).toFixed(2), whole / half <= GROWTH_LIMIT)],
  };
}
