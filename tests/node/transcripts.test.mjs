// Whole steps of lint and test, compared to the byte.

import assert from 'node:assert/strict';
import test from 'node:test';

import { SOURCES, TOOL, junit, sarif } from './files.mjs';
import { checkout, post, step } from './harness.mjs';
import { compare, names, transcriptOf } from './transcript.mjs';

const LINT = { 'job-type': 'lint', environment: 'development' };
const TEST = { 'job-type': 'test', environment: 'development' };

const file = 'src/cart.js';
const warning = { level: 'warning', rule: 'no-unused', message: 'x is never used', file, line: 3, column: 7 };
const mistake = { level: 'error', rule: 'no-undef', message: 'y is not defined', file, line: 12 };
const red = {
  name: 'adds shipping below the limit',
  seconds: 0.25,
  failure: 'expected 1285, found 795',
  details: 'AssertionError: expected 1285, found 795\n    at test/cart.test.js:14:12',
};
const green = [
  { name: 'adds', seconds: 0.5 },
  { name: 'removes', skipped: true },
];

/** The transcripts: what is in the checkout, what the step is given, and how it ends. */
const CASES = {
  'lint-green': {
    files: { 'lint.sarif': sarif() },
    inputs: { ...LINT, run: "node tool.mjs 0 lint.sarif 'all is well'", reports: 'reports/*.sarif' },
    status: 0,
  },
  'lint-warning': {
    files: { 'lint.sarif': sarif(warning) },
    inputs: { ...LINT, run: 'node tool.mjs 0 lint.sarif', reports: 'reports/*.sarif' },
    status: 0,
  },
  'lint-error': {
    files: { 'lint.sarif': sarif(warning, mistake) },
    inputs: { ...LINT, run: "node tool.mjs 1 lint.sarif '2 problems'", reports: 'reports/*.sarif' },
    status: 1,
  },
  'lint-many-findings': {
    files: { 'lint.sarif': sarif(...Array.from({ length: 25 }, (_, at) => ({ ...mistake, line: at + 1, column: 1 }))) },
    inputs: { ...LINT, reports: 'lint.sarif' },
    status: 1,
  },
  'lint-fail-on-never': {
    files: { 'lint.sarif': sarif(mistake) },
    inputs: { ...LINT, reports: 'lint.sarif', 'fail-on': 'never' },
    status: 0,
  },
  'test-green': {
    files: { 'junit.xml': junit(...green) },
    inputs: { ...TEST, run: 'node tool.mjs 0 junit.xml', reports: 'reports/junit.xml' },
    status: 0,
  },
  'test-red': {
    files: { 'junit.xml': junit(...green, red) },
    inputs: { ...TEST, run: 'node tool.mjs 1 junit.xml', reports: 'reports/junit.xml' },
    status: 1,
  },
  'command-fails': {
    inputs: { ...TEST, run: "node tool.mjs 3 - 'something went wrong'" },
    status: 1,
  },
  'command-takes-too-long': {
    files: { 'wait.mjs': 'console.log("waiting");\nsetTimeout(() => {}, 60_000);\n' },
    inputs: { ...TEST, run: 'exec node wait.mjs', timeout: '1s' },
    status: 1,
  },
  'report-missing': {
    inputs: { ...TEST, run: 'node tool.mjs 0 -', reports: 'reports/*.xml\nother/*.xml' },
    status: 1,
  },
  'report-broken': {
    files: { 'junit.xml': junit(...green).slice(0, 150) },
    inputs: { ...TEST, run: 'node tool.mjs 0 junit.xml', reports: 'reports/*.xml' },
    status: 1,
  },
  'report-left-by-an-earlier-step': {
    files: { 'reports/junit.xml': junit(...green) },
    inputs: { ...TEST, run: 'node tool.mjs 0 -', reports: 'reports/*.xml' },
    status: 1,
  },
  'nothing-to-do': { inputs: TEST, status: 2 },
  'unknown-job-type': { inputs: { ...TEST, 'job-type': 'tset', run: 'true' }, status: 2 },
  'no-job-type': { inputs: { run: 'true' }, status: 2 },
  'configuration-problems': {
    files: {
      '.github/waybill.yml': [
        'defaults:',
        '  tset:',
        '    run: npm test',
        '  timeout: 5 minutes',
        'environments:',
        '  production:',
        '    backend-url: http://api.example.com',
        '    frontend-ulr: https://example.com',
        '  prod: {}',
        '',
      ].join('\n'),
    },
    inputs: { ...TEST, environment: 'production', 'fail-on': 'sometimes' },
    status: 2,
  },
  'configuration-file': {
    files: {
      '.github/waybill.yml': 'defaults:\n  test:\n    run: node tool.mjs 0 junit.xml\n    reports: reports/junit.xml\n',
      'junit.xml': junit(...green),
    },
    inputs: TEST,
    status: 0,
  },
  plan: {
    files: { 'junit.xml': junit(...green, red) },
    inputs: { ...TEST, mode: 'plan', run: 'node tool.mjs 1 junit.xml', reports: 'reports/junit.xml' },
    status: 0,
  },
  'job-type-of-a-later-version': { inputs: { 'job-type': 'deploy-backend' }, status: 2 },
};

for (const [name, { files = {}, inputs, status }] of Object.entries(CASES)) {
  test(name, async () => {
    const workspace = checkout({ ...SOURCES, 'tool.mjs': TOOL, ...files });
    const main = await step(workspace, inputs, { matrix: { environment: inputs.environment ?? 'development' } });
    assert.deepEqual(main.faults, []);
    assert.deepEqual(main.dropped, [], 'the runner would drop annotations');
    const text = transcriptOf(workspace, main);
    const after = await post(workspace, inputs, main);
    assert.equal(after.status, 0, after.stdout.toString());
    compare(name, `${text}\n===== printed by post\n${after.stdout}`);
    assert.equal(main.status, status, main.stdout.toString());
  });
}

test('there is no transcript without its test', () => {
  assert.deepEqual(names(), Object.keys(CASES).sort());
});
