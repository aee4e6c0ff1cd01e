// Output and reports that want to speak to the runner. Nothing of it takes
// effect, nothing of it is lost from the log, and memory stays bounded.

import assert from 'node:assert/strict';
import test from 'node:test';

import { SOURCES, assertHarmless, junit, sarif } from './files.mjs';
import { canMeasure, checkout, environmentOf, ledgerOf, runNode, step } from './harness.mjs';
import { linesOf } from './runner.mjs';

const TEST = { 'job-type': 'test' };

/** Runs a program of these lines as the command of a test job. */
async function runProgram(program, { files = {}, inputs = {}, ...options } = {}) {
  const workspace = checkout({ ...SOURCES, 'program.mjs': program, ...files });
  const result = await step(workspace, { ...TEST, run: 'node program.mjs', ...inputs }, options);
  return { workspace, ...result };
}

/** The annotations that are not events of ours. */
const foreign = (result) =>
  result.annotations.filter((each) => !/^(pipeline|job|deployment|rollback)-/.test(each.title ?? ''));

const LINES = [
  '::error file=src/cart.js,line=1::an error that is none',
  '  ::warning::after blanks',
  '\t::notice::after a tab',
  'in the middle ##[error]of a line',
  '##[group]a group',
  '::group::another',
  '::set-output name=injected::yes',
  '::save-state name=injected::yes',
  '::set-env name=INJECTED::yes',
  '::add-path::/injected',
  '::add-matcher::matcher.json',
  '::echo::on',
  '::debug::a secret of the debugger',
  '::stop-commands::pause',
  '::pause::',
  `::${'0'.repeat(32)}::`,
  '::ERROR::in capitals',
  '::error::with a carriage return\r::error::and another',
  'plain\r##[warning]text',
  '::endgroup::',
  '﻿::error::after a byte order mark',
  'the end ::error::',
];

test('a command printed by a child is text', async () => {
  const print = `process.stdout.write(${JSON.stringify(`${LINES.join('\n')}\n`)});`;
  const onError = `process.stderr.write(${JSON.stringify(`${LINES[0]}\n`)});`;
  const result = await runProgram(`${print}\n${onError}`);
  assert.equal(result.status, 0, result.stdout.toString());
  assert.deepEqual(result.faults, []);
  assert.deepEqual(foreign(result), []);
  assert.equal(result.outputs.injected, undefined);
  assert.equal(result.state.injected, undefined);
  assert.deepEqual(result.exported, {});
  assert.deepEqual(result.paths, []);
  assert.equal(result.stderr.length, 0);
  const shown = result.log.filter((entry) => !entry.level).map((entry) => entry.text);
  for (const line of LINES.flatMap((each) => linesOf(each))) assert.ok(shown.includes(line), `lost: ${line}`);
});

test('a child does not learn the token, nor does the second child of it', async () => {
  const result = await runProgram("console.log('one')");
  const tokens = result.commands.filter((command) => command.name === 'stop-commands').map((command) => command.data);
  assert.ok(tokens.length > 0);
  assert.equal(new Set(tokens).size, tokens.length);
  for (const token of tokens) assert.match(token, /^[0-9a-f]{32}$/);
  const again = await runProgram("console.log('one')");
  assert.ok(!again.stdout.includes(tokens[0]));
});

test('a child has its own output, state and summary, and its variables are passed on', async () => {
  const program = `
    import { appendFileSync } from 'node:fs';
    const add = (name, text) => appendFileSync(process.env[name], text);
    add('GITHUB_OUTPUT', 'status=success\\ninjected=yes\\n');
    if (process.env.GITHUB_STATE) add('GITHUB_STATE', 'injected=yes\\n');
    add('GITHUB_ENV', 'FIRST=1\\nSECOND<<E\\nTHIRD=3\\nE\\n');
    add('GITHUB_PATH', '/opt/tool/bin\\n');
    add('GITHUB_STEP_SUMMARY', '## From the command\\n');
    process.exitCode = 1;`;
  const result = await runProgram(program);
  assert.equal(result.status, 1);
  assert.equal(result.outputs.status, 'failure');
  assert.equal(result.outputs.injected, undefined);
  assert.equal(result.state.injected, undefined);
  assert.deepEqual(result.exported, { FIRST: '1', SECOND: 'THIRD=3' });
  assert.deepEqual(result.paths, ['/opt/tool/bin']);
  assert.ok(result.summary.indexOf('## From the command') > 0, result.summary);
});

test('a child sees no variable of the runner, nor what was given to us', async () => {
  const inputs = {
    'database-url': `postgres://user:${'word'.repeat(4)}@db.example/shop`,
    'pass-env': 'ACTIONS_WANTED',
  };
  const context = { ACTIONS_RUNTIME_TOKEN: 'a token', ACTIONS_WANTED: 'yes', ORDINARY: 'yes' };
  const program = 'console.log(JSON.stringify(Object.keys(process.env)));';
  const result = await runProgram(program, { inputs, context, state: { left: '1' } });
  const line = result.log.find((entry) => entry.text.startsWith('["') && entry.text.includes('ORDINARY'));
  const names = JSON.parse(line.text);
  assert.deepEqual(
    names.filter((name) => /^(INPUT|STATE|ACTIONS)_/.test(name)),
    ['ACTIONS_WANTED'],
  );
});

test('a child may ask for a mask, and gets it before the line that needs it', async () => {
  const word = ['pass', 'word', 'of', 'the', 'child'].join('-');
  const program = `console.log('::add-mask::${word}'); console.log('it is ${word}.'); console.log('::add-mask::abc');`;
  const result = await runProgram(program);
  assert.ok(result.masks.includes(word));
  assert.ok(!result.masks.includes('abc'));
  const rest = result.stdout
    .toString()
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'));
  assert.ok(!rest.join('\n').includes(word));
  assert.ok(rest.includes('it is ***.'), rest.join('\n'));
});

test('bytes that are no text are shown as they come', async () => {
  const bytes = [0x61, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x62, 0x0a];
  const result = await runProgram(`process.stdout.write(Buffer.from(${JSON.stringify(bytes)})); process.exitCode = 1;`);
  assert.equal(result.status, 1);
  assert.ok(result.stdout.includes(Buffer.from(bytes)), 'the bytes are not in the log');
  assert.deepEqual(result.faults, []);
  assert.doesNotThrow(() => JSON.parse(result.outputs.job));
});

test('a character that is cut by the pipe stays whole', async () => {
  const program = `
    const bytes = Buffer.from('naïve € 𝄞');
    for (const byte of bytes) {
      process.stdout.write(Buffer.from([byte]));
      await new Promise((next) => setTimeout(next, 2));
    }
    console.log();`;
  const result = await runProgram(program);
  assert.ok(result.log.some((entry) => entry.text === 'naïve € 𝄞'));
});

test('a line of 300 MB goes through, in bounded memory', { skip: !canMeasure && 'no /proc here' }, async () => {
  const program = `
    const piece = Buffer.alloc(1 << 20, 'x');
    for (let at = 0; at < Number(process.argv[2]); at += 1) {
      if (!process.stdout.write(piece)) await new Promise((next) => process.stdout.once('drain', next));
    }`;
  const workspace = checkout({ 'program.mjs': program });
  const print = async (megabytes) => {
    const { env } = environmentOf(workspace, { ...TEST, run: `node program.mjs ${megabytes}` });
    let count = 0;
    const onPrinted = (piece) => {
      for (const byte of piece) count += byte === 0x78 ? 1 : 0;
    };
    const ran = await runNode(env, { workspace, onPrinted, keep: false, measure: true, limit: 120_000 });
    assert.equal(ran.status, 0);
    assert.ok(count >= megabytes << 20, `only ${count} of ${megabytes << 20} bytes arrived`);
    return ran.peak;
  };
  // What Node's collector leaves lying about is not the line.
  const more = ((await print(300)) - (await print(1))) >> 20;
  assert.ok(more < 150, `${more} MiB more than for a short line`);
});

test('a name with line ends and commands stays one name', async () => {
  const name = 'adds\n::error::not a command\r\n##[warning]nor this %0A ::set-output name=x::y';
  const details =
    'at test/cart.test.js:14:12\n::error::nor here\n|||<script>alert(1)</script> @octocat ![x](https://example.com/x)';
  const report = junit({ name, failure: name, details });
  const result = await runProgram('', { files: { 'junit.xml': report }, inputs: { run: '', reports: 'junit.xml' } });
  assert.equal(result.status, 1);
  assert.deepEqual(result.faults, []);
  assert.equal(result.outputs.x, undefined);
  const [failure, ...others] = foreign(result).filter((each) => each.level === 'error');
  assert.deepEqual(others, []);
  assert.deepEqual([failure.file, failure.line], ['test/cart.test.js', 14]);
  assertHarmless(result.summary);
});

test('a file of the workspace that wants to be a workflow file is one line of text', async () => {
  const name = 'src/a,b=c::d %41.js';
  const at = { level: 'error', rule: 'r::s', message: 'm', file: encodeURI(name), line: 1 };
  const result = await runProgram('', {
    files: { [name]: 'x\n', 'lint.sarif': sarif(at) },
    inputs: { 'job-type': 'lint', run: '', reports: 'lint.sarif' },
  });
  assert.deepEqual(result.faults, []);
  assert.equal(foreign(result).find((each) => each.level === 'error').file, name);
});

test('a summary beyond what the runner takes is cut, not lost', async () => {
  const cases = Array.from({ length: 4000 }, (_, at) => ({ name: `case ${at}`, failure: 'x'.repeat(600) + at }));
  const result = await runProgram('', {
    files: { 'junit.xml': junit(...cases) },
    inputs: { run: '', reports: 'junit.xml' },
  });
  assert.equal(result.outputs.failed, '4000');
  const bytes = Buffer.byteLength(result.summary);
  assert.ok(bytes > 1000 && bytes <= 1024 * 1024, `${bytes} bytes`);
  assert.ok(result.annotations.length <= 30 && result.dropped.length === 0);
  assert.ok(ledgerOf(result.workspace, result).length >= 3);
});
