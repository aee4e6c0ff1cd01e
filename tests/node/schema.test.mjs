// What the action writes is what the published schemas say.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';

import { PROJECT } from '../../scripts/lib/paths.mjs';
import { SOURCES, junit, sarif } from './files.mjs';
import { checkout, ledgerOf, step } from './harness.mjs';

const FOLDER = path.join(PROJECT, 'schema');
const ajv = new Ajv({ strict: true, allErrors: true, formats: { 'date-time': true } });
for (const name of readdirSync(FOLDER)) ajv.addSchema(JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')), name);

function check(schema, value) {
  const validate = ajv.getSchema(schema);
  assert.ok(validate, `there is no schema ${schema}`);
  assert.ok(validate(value), `${schema}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value, null, 2)}`);
}

const FINDING = { level: 'error', rule: 'r', message: 'm', file: 'src/cart.js', line: 3, column: 1 };
const FILES = {
  ...SOURCES,
  'lint.sarif': sarif(FINDING),
  'green.xml': junit({ name: 'adds' }, { name: 'later', skipped: true }),
  'red.xml': junit({ name: 'adds', failure: 'no', details: 'at test/cart.test.js:3:1' }),
};
const STEPS = {
  'lint with a finding': [{ 'job-type': 'lint', reports: 'lint.sarif' }, 1],
  'green tests': [{ 'job-type': 'test', reports: 'green.xml' }, 0],
  'red tests': [{ 'job-type': 'test', reports: 'red.xml' }, 1],
  'a command alone': [{ 'job-type': 'test', run: 'echo something' }, 0],
  'a problem in the inputs': [{ 'job-type': 'test', environment: 'production', 'backend-url': 'http://x' }, 2],
};

for (const [name, [inputs, status]] of Object.entries(STEPS)) {
  test(name, async () => {
    const workspace = checkout(FILES);
    const result = await step(workspace, inputs);
    assert.equal(result.status, status, result.stdout.toString());
    const job = JSON.parse(result.outputs.job);
    check('deployment-job.schema.json', job);
    assert.equal(job.id, result.outputs['job-id']);
    assert.equal(job.status, result.outputs.status);
    const events = ledgerOf(workspace, result).map((line) => line.event ?? line);
    for (const event of events) check('deployment-event.schema.json', event);
    assert.equal(new Set(events.map((event) => event.id)).size, events.length);
    assert.equal(String(events.length), result.outputs['ledger-count']);
    for (const artifact of JSON.parse(result.outputs.artifacts || '[]'))
      check('deployment-artifact.schema.json', artifact);
    const { report } = result.outputs;
    if (!report) return;
    const text = readFileSync(path.resolve(workspace, report), 'utf8');
    const schema = readdirSync(FOLDER).find((file) => /report/.test(file));
    assert.ok(schema && existsSync(path.join(FOLDER, schema)), 'the report has no schema');
    check(schema, JSON.parse(text));
  });
}
