// What the action writes is what the published schemas say.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import Old from 'ajv';
import Ajv from 'ajv/dist/2020.js';

import { PROJECT } from '../../scripts/lib/paths.mjs';
import { SOURCES, junit, sarif } from './files.mjs';
import { checkout, ledgerOf, step } from './harness.mjs';

const FOLDER = path.join(PROJECT, 'schema');
const read = (name) => JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'));
// The one of the configuration file is of an older draft, which editors know.
const written = readdirSync(FOLDER).filter((name) => read(name).$schema.includes('2020-12'));
const ajv = new Ajv({ strict: true, allErrors: true, formats: { 'date-time': true } });
for (const name of written) ajv.addSchema(read(name), name);

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
    const schema = written.find((name) => /report/.test(name));
    const { report } = result.outputs;
    if (report && schema) check(schema, JSON.parse(readFileSync(path.resolve(workspace, report), 'utf8')));
  });
}

test('the configuration schema knows every setting of the example', () => {
  const validate = new Old({ strict: false }).compile(read('waybill.schema.json'));
  const good = {
    defaults: { lint: { run: 'npm run lint', reports: 'a.sarif', timeout: '5m' } },
    environments: { staging: {} },
  };
  assert.ok(validate(good), ajv.errorsText(validate.errors));
  assert.ok(!validate({ defaults: { lnt: {} } }));
  assert.ok(!validate({ environments: { stagging: {} } }));
});
