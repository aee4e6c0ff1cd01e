// Rehearses the pipeline on examples/shop, with the committed dist/, as a runner
// would run it: the job types that there are, in order, and then with a mistake.
//
//   npm start
//
// Everything happens in .waybill/rehearsal; the example itself is not touched.
// Ends with 1 if anything did not go as it says.

import path from 'node:path';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { PROJECT, fromNpm } from './lib/paths.mjs';
import { strict } from './lib/run.mjs';
import { page } from './rehearsal/page.mjs';
import { annotationLine, bold, faint, logLines, markdownLines, tableLines } from './rehearsal/show.mjs';
import { setUp } from './setup.mjs';
import { commandLine, commitAll, git, ledgerOf, step } from '../tests/node/harness.mjs';

const PLACE = path.join(PROJECT, '.waybill', 'rehearsal');
const SHOP = path.join(PLACE, 'shop');
const REPORT = path.join(PLACE, 'report.html');
const here = (file) => path.relative(process.cwd(), file) || '.';

// The mistake, and the test that it breaks.
const MISTAKE = { file: 'frontend/money.js', from: 'Math.round(', to: 'Math.floor(' };
const BROKEN = { file: 'test/cart.test.js', text: 'assert.equal(share(1250, 15), 188);' };

const wrong = [];
const steps = [];
let marked;

const title = (text) => console.log(`\n${bold(`===== ${text}`)}\n`);
const part = (text, entries) => {
  const lines = entries.flatMap((entry) => entry.split('\n'));
  if (lines.length > 0) console.log(`\n${bold(text)}\n${lines.map((line) => `  ${line}`).join('\n')}`);
};

/** The first line of a message that the log has in full. */
const opening = (message) => message.replace(/\n[\s\S]+/, ' …');

/** Says what was to be seen, and whether it was. */
function expect(what, truth) {
  console.log(`  ${truth ? 'as expected' : 'NOT AS EXPECTED'}: ${what}`);
  if (!truth) wrong.push(what);
}

/** A copy of the shop in a repository of its own, with the linter that `npm ci` brought. */
function prepare() {
  rmSync(PLACE, { recursive: true, force: true });
  const filter = (name) => !/[\\/](node_modules|\.waybill)$/.test(name);
  cpSync(path.join(PROJECT, 'examples', 'shop'), SHOP, { recursive: true, filter });
  commitAll(SHOP, 'A shop');
  const programs = path.join(SHOP, 'node_modules', '.bin');
  mkdirSync(programs, { recursive: true });
  const linter = fromNpm('oxlint', 'bin', 'oxlint');
  if (!existsSync(linter)) return false;
  writeFileSync(path.join(programs, 'oxlint'), `#!/bin/sh\nexec node "${linter}" "$@"\n`);
  writeFileSync(path.join(programs, 'oxlint.cmd'), `@node "${linter}" %*\r\n`);
  chmodSync(path.join(programs, 'oxlint'), 0o755);
  return true;
}

/** Runs one step and shows all of it. */
async function rehearse(jobType, about, { run, ...options }) {
  title(`${jobType}: ${about}`);
  const inputs = { 'job-type': jobType, environment: 'development' };
  const context = { GITHUB_RUN_ID: String(run), GITHUB_ACTION: jobType, ...options.context };
  const result = await step(SHOP, inputs, { ...options, context, matrix: { environment: 'development' } });
  const log = logLines(result.log);
  console.log(log.join('\n'));
  part(
    'Annotations',
    result.annotations.map((each) => annotationLine({ ...each, message: opening(each.message) })),
  );
  part('Summary', markdownLines(result.summary, marked));
  const outputs = Object.entries(result.outputs).filter(([, value]) => value !== '');
  part(
    'Outputs',
    tableLines(outputs.map(([name, value]) => [name, value.length > 90 ? `${value.slice(0, 90)}…` : value])),
  );
  const events = result.outputs.ledger ? ledgerOf(SHOP, result).map((line) => line.event ?? line) : [];
  part('Events', tableLines(events.map((event) => [event.timestamp, event.eventType, event.message])));
  console.log(
    faint(`\n  exit status ${result.status}, ${Math.round(result.milliseconds)} ms with the command's own time`),
  );
  steps.push({ title: `${jobType}: ${about}`, result, events, log });
  expect('the runner would accept every command and file', result.faults.length === 0 && result.stderr.length === 0);
  return result;
}

/** Has the command line verify the ledger of a step, and then a copy of it with one word changed. */
async function verify({ outputs }) {
  const ledger = path.relative(PROJECT, path.resolve(SHOP, outputs.ledger));
  const words = ['--head', outputs['ledger-head'], '--count', outputs['ledger-count']];
  const verified = await say(['verify', ledger, ...words]);
  expect('the ledger verifies', verified.status === 0);
  const forged = path.join(PLACE, 'forged.jsonl');
  const text = readFileSync(path.join(PROJECT, ledger), 'utf8');
  writeFileSync(forged, text.replace('(development) started', '(production) started'));
  const refused = await say(['verify', path.relative(PROJECT, forged)]);
  expect('a copy with one word changed does not', refused.status === 1);
}

/** A command of the command line, shown with what it answers. */
async function say(words) {
  console.log(`\n$ node dist/main.cjs ${words.join(' ')}`);
  const result = await commandLine(PROJECT, ...words);
  process.stdout.write(result.stdout);
  return result;
}

async function lint() {
  const result = await rehearse('lint', 'a warning is worth an annotation, not a red job', { run: 1 });
  const [finding] = result.annotations.filter((each) => each.file);
  expect('the job succeeds', result.status === 0 && result.outputs.status === 'success');
  expect('its one warning stands at its line', finding?.level === 'warning' && finding.file === 'frontend/cart.js');
  await verify(result);
}

async function test(run, about) {
  const result = await rehearse('test', about, { run });
  expect('the job succeeds', result.status === 0 && result.outputs.status === 'success');
  expect('it counted the tests', result.outputs.tests === '12' && result.outputs.failed === '0');
  return result;
}

/** What a pull request with a mistake in it would look like. */
async function testBroken() {
  const base = git(SHOP, 'rev-parse', 'HEAD');
  const file = path.join(SHOP, MISTAKE.file);
  const right = readFileSync(file, 'utf8');
  git(SHOP, 'switch', '--quiet', '--create', 'cheaper');
  writeFileSync(file, right.replace(MISTAKE.from, MISTAKE.to));
  const head = commitAll(SHOP, 'Round in favour of the customer');
  const event = {
    number: 7,
    pull_request: { number: 7, head: { sha: head, ref: 'cheaper' }, base: { sha: base, ref: 'main' } },
  };
  const context = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_HEAD_REF: 'cheaper', GITHUB_BASE_REF: 'main' };
  const result = await rehearse('test', 'a pull request with a mistake in it', { run: 2, event, context });
  const line =
    readFileSync(path.join(SHOP, BROKEN.file), 'utf8')
      .split('\n')
      .findIndex((each) => each.includes(BROKEN.text)) + 1;
  const failures = result.annotations.filter((each) => each.level === 'error' && each.file);
  expect('the job fails', result.status === 1 && result.outputs.status === 'failure');
  expect('one test failed', result.outputs.failed === '1');
  expect(
    `it is annotated at ${BROKEN.file}:${line}`,
    failures.length === 1 && failures[0].file === BROKEN.file && failures[0].line === line,
  );
  await verify(result);
  git(SHOP, 'switch', '--quiet', 'main');
  return readFileSync(file, 'utf8') === right;
}

/** The frontend as an artifact, twice: the same files are the same bytes. */
async function buildFrontend() {
  const about = 'the same files are the same bytes';
  const [first, second] = [await rehearse('build-frontend', 'packed, with its waybill', { run: 5 }), await rehearse('build-frontend', about, { run: 6 })];
  expect('both builds succeed', first.status === 0 && second.status === 0);
  expect('they have one checksum', /^[0-9a-f]{64}$/.test(first.outputs.checksum) && first.outputs.checksum === second.outputs.checksum);
}

/** A configuration with mistakes: all are told at once, and nothing is run. */
async function misconfigured() {
  const file = path.join(SHOP, '.github', 'waybill.yml');
  const right = readFileSync(file, 'utf8');
  writeFileSync(file, right.replace('timeout: 10m', 'timeout: 10 minutes').replace('backend-url:', 'backend-ulr:'));
  const result = await rehearse('lint', 'a configuration with two mistakes', { run: 4 });
  writeFileSync(file, right);
  const problems = result.annotations.filter((each) => each.file === '.github/waybill.yml' && each.line && each.column);
  expect('the job is refused before it runs anything', result.status === 2);
  expect('both mistakes are annotated at their lines', problems.length === 2);
  await say(['explain', result.outputs.code]);
}

async function main() {
  let why;
  try {
    await setUp({ for: 'start' });
    ({ marked } = await import('marked'));
  } catch (error) {
    if (strict) throw error;
    why = error.message;
  }
  const hasLinter = prepare();
  console.log(`Waybill on examples/shop, as a runner would run it; everything is in ${here(PLACE)}`);
  if (hasLinter) await lint();
  else console.log(`\nskipped: lint: the example's linter is not here (${why})`);
  await test(1, 'all of them pass');
  const restored = await testBroken();
  expect('the mistake is taken back', restored);
  await test(3, 'and again, without the mistake');
  await buildFrontend();
  await misconfigured();
  writeFileSync(REPORT, page(steps, marked));
  if (wrong.length > 0) console.log(`\nNot as expected:\n${wrong.map((each) => `  ${each}`).join('\n')}`);
  else console.log(`\nEverything went as expected${hasLinter ? '' : ', but for what was skipped'}.`);
  console.log(`The summaries as GitHub would show them: ${here(REPORT)}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
