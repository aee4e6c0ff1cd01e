// Artifacts and ledgers in the run's artifact service, against a strict
// stand-in, and held against npm's own client and PyPI's readers of waybills.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

import { fromNpm, fromVenv } from '../../scripts/lib/paths.mjs';
import { cleanEnvironment, strict } from '../../scripts/lib/run.mjs';
import { artifactService } from './artifacts.mjs';
import { NODE, checkout, commandLine, folder, step } from './harness.mjs';

const SITE = { 'dist/index.html': '<h1>Shop</h1>', 'dist/app.js': 'x();'.repeat(1000), '.gitignore': 'dist\n' };
const BUILD = { 'job-type': 'build-frontend', path: 'dist', environment: 'staging' };
const LINT = { 'job-type': 'lint', run: 'true', environment: 'staging' };

async function runOf(context, options) {
  const service = await artifactService(options);
  context.after(() => service.close());
  const run = (workspace, inputs, more = {}) =>
    step(workspace, inputs, { ...more, context: { ...service.environment, ...more.context } });
  return { service, run };
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Runs a few lines of Python. */
function python(program, lines, ...words) {
  const ran = spawnSync(program, ['-c', lines, ...words], { env: cleanEnvironment(), encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout.trim();
}

/** Unpacks a zip file with Python's own reader, which checks its checksums. */
function unzip(bytes) {
  const place = folder('zip');
  writeFileSync(path.join(place, 'it.zip'), bytes);
  const lines = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';
  python('python3', lines, path.join(place, 'it.zip'), path.join(place, 'out'));
  return path.join(place, 'out');
}

for (const snake of [false, true]) {
  test(`a build is stored whole, and the ledgers are shared, with ${snake ? 'snake' : 'camel'} case`, async (context) => {
    const { service, run } = await runOf(context, { snake });
    const built = await run(checkout(SITE), BUILD);
    assert.equal(built.status, 0, built.stdout.toString());
    const name = `frontend-build-staging-${built.outputs['job-id']}`;
    assert.equal(built.outputs.artifact, name);
    assert.deepEqual([...service.artifacts.keys()].sort(), [name, `ledger-staging-${built.outputs['job-id']}`]);
    const out = unzip(service.artifacts.get(name).blob);
    const tar = readFileSync(path.join(out, `${name}.tar`));
    const waybill = readFileSync(path.join(out, `${name}.tar.waybill.json`));
    assert.equal(sha256(tar), built.outputs.checksum);
    assert.equal(sha256(waybill), built.outputs.waybill);
    assert.equal(built.outputs['waybill-staging'], built.outputs.waybill);
    const [record] = JSON.parse(built.outputs.artifacts);
    assert.deepEqual(JSON.parse(waybill).predicate.artifact, record);
    assert.deepEqual([record.size, record.checksum], [tar.length, sha256(tar)]);
    // On another runner, which has nothing but the service.
    const last = await run(checkout(), { ...LINT, 'deployment-report': 'true' }, { context: { GITHUB_JOB: 'last' } });
    assert.equal(last.status, 0, last.stdout.toString());
    for (const text of ['build-frontend', 'lint']) assert.match(last.summary, new RegExp(`${text} \\(staging\\) started`));
    assert.deepEqual(service.wrong, []);
    for (const result of [built, last]) {
      assert.doesNotMatch(result.stdout.toString().replace(/^::add-mask::.*$/gm, ''), /sig=(?!\*)/);
    }
  });
}

test('a service that fails in the middle leaves nothing that looks complete', async (context) => {
  const cases = {
    'PUT block': [403, '<Error><Code>AuthorizationFailure</Code></Error>'],
    'PUT blocklist': [400, '<Error><Code>InvalidBlockList</Code></Error>'],
    FinalizeArtifact: [400, { msg: 'no' }],
    CreateArtifact: [403, { msg: 'insufficient usage to create artifact' }],
  };
  for (const [method, answer] of Object.entries(cases)) {
    const twist = (call, usual) => (call.method === method ? answer : usual);
    const { run, service } = await runOf(context, { twist });
    const result = await run(checkout(SITE), BUILD);
    assert.equal(result.status, 1, method);
    assert.match(result.outputs.code, /^WB43/, method);
    assert.equal(result.outputs.artifact ?? '', '', method);
    if (method !== 'FinalizeArtifact') assert.ok([...service.artifacts.values()].every(({ done }) => !done), method);
  }
});

test('a connection that breaks while a block is sent is opened again', async (context) => {
  let broken = 0;
  const twist = (call, usual) => (call.method === 'PUT block' && broken++ === 0 ? 'hang up' : usual);
  const { run, service } = await runOf(context, { twist });
  const result = await run(checkout(SITE), BUILD);
  assert.equal(result.status, 0, result.stdout.toString());
  assert.ok(broken > 1);
  assert.deepEqual(service.wrong, []);
});

test('two jobs cannot store one name, and a job can be run again', async (context) => {
  const { run } = await runOf(context);
  const first = await run(checkout(SITE), { ...BUILD, name: 'shop' });
  assert.equal(first.status, 0, first.stdout.toString());
  const second = await run(checkout(SITE), { ...BUILD, name: 'shop' }, { context: { GITHUB_JOB: 'other' } });
  assert.deepEqual([second.status, second.outputs.code], [1, 'WB4302']);
  const again = [await run(checkout(SITE), BUILD), await run(checkout(SITE), BUILD)];
  assert.deepEqual(again.map(({ status }) => status), [0, 0]);
});

test('without a service, or with another server, the directory is the store', async (context) => {
  const { run, service } = await runOf(context);
  const elsewhere = await run(checkout(SITE), BUILD, { context: { GITHUB_SERVER_URL: 'https://git.example.com' } });
  assert.equal(elsewhere.status, 0, elsewhere.stdout.toString());
  assert.match(elsewhere.outputs['artifact-path'], /^\.waybill\/artifacts\/7001\/1\//);
  const asked = { ...BUILD, store: 'actions' };
  const refused = await run(checkout(SITE), asked, { context: { GITHUB_SERVER_URL: 'https://git.example.com' } });
  assert.deepEqual([refused.status, refused.outputs.code], [2, 'WB4307']);
  assert.deepEqual(service.calls, []);
});

const CLIENT = fromNpm('@actions', 'artifact', 'lib', 'artifact.js');
const noClient = !existsSync(CLIENT) || Number(process.versions.node.split('.')[0]) < 22;

/** Runs a script with npm's client in a step of the run. */
function withClient(service, script, ...words) {
  const lines = `import { DefaultArtifactClient } from ${JSON.stringify(CLIENT)};
const client = new DefaultArtifactClient();
const words = process.argv.slice(1);
${script}`;
  const env = { ...cleanEnvironment(), ...service.environment, GITHUB_WORKSPACE: folder('client'), RUNNER_TEMP: folder('temp') };
  return new Promise((resolve) => {
    import('node:child_process').then(({ execFile }) =>
      execFile(NODE, ['--input-type=module', '-e', lines, ...words], { env }, (error, stdout, stderr) =>
        resolve({ error, stdout, stderr }),
      ),
    );
  });
}

test("npm's client takes what a build stored", { skip: noClient && 'it needs Node 22' }, async (context) => {
  const { service, run } = await runOf(context);
  const built = await run(checkout(SITE), { ...BUILD, name: 'shop' });
  assert.equal(built.status, 0, built.stdout.toString());
  const place = folder('taken');
  const script = `const { artifact } = await client.getArtifact('shop');
const { digestMismatch } = await client.downloadArtifact(artifact.id, { path: words[0], expectedHash: artifact.digest });
console.log(JSON.stringify({ artifact, digestMismatch }));`;
  const { error, stdout, stderr } = await withClient(service, script, place);
  assert.equal(error, null, stderr);
  assert.deepEqual(readdirSync(place).sort(), ['shop.tar', 'shop.tar.waybill.json']);
  assert.equal(sha256(readFileSync(path.join(place, 'shop.tar'))), built.outputs.checksum);
  assert.equal(JSON.parse(stdout.trim().split('\n').at(-1)).digestMismatch, false);
});

test("a report takes a ledger that npm's client stored", { skip: noClient && 'it needs Node 22' }, async (context) => {
  const { service, run } = await runOf(context);
  const workspace = checkout();
  const first = await run(workspace, { ...LINT, store: 'directory' }, { context: { GITHUB_JOB: 'first' } });
  assert.equal(first.status, 0, first.stdout.toString());
  const ledger = path.join(workspace, first.outputs.ledger);
  const script = `await client.uploadArtifact(words[0], [words[1]], words[2]);`;
  const words = [`ledger-staging-${first.outputs['job-id']}`, ledger, path.dirname(ledger)];
  const { error, stderr } = await withClient(service, script, ...words);
  assert.equal(error, null, stderr);
  const last = await run(checkout(), { ...LINT, 'job-type': 'test', 'deployment-report': 'true' });
  assert.equal(last.status, 0, last.stdout.toString());
  assert.match(last.summary, /lint \(staging\) started/);
  assert.doesNotMatch(last.summary, /left out/);
});

const PYTHON = fromVenv('python');
const READERS = 'import in_toto_attestation, securesystemslib';
const noReaders = !existsSync(PYTHON) || spawnSync(PYTHON, ['-c', READERS]).status !== 0;

test("PyPI's readers take a signed waybill", { skip: !strict && noReaders && 'they are not here' }, async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const workspace = checkout(SITE);
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' });
  const built = await step(workspace, { ...BUILD, 'signing-key': key });
  assert.equal(built.status, 0, built.stdout.toString());
  assert.ok(!built.stdout.toString().includes(key.split('\n')[1]) || built.stdout.toString().includes('::add-mask::'));
  const file = path.join(workspace, built.outputs['artifact-path']);
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex');
  const lines = `import sys, json, base64
from in_toto_attestation.v1.statement import Statement
from google.protobuf.json_format import ParseDict
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey
text = open(sys.argv[1] + '.waybill.json', 'rb').read()
envelope = Envelope.from_dict(json.load(open(sys.argv[1] + '.waybill.dsse.json')))
assert envelope.payload == text and envelope.payload_type == 'application/vnd.in-toto+json'
keyid = list(envelope.signatures)[0]
key = SSlibKey(keyid, 'ed25519', 'ed25519', {'public': sys.argv[2]})
envelope.verify([key], 1)
try:
    envelope.payload += b' '
    envelope.verify([key], 1)
    raise SystemExit('a changed statement was taken')
except Exception as error:
    assert 'SystemExit' not in type(error).__name__, error
statement = Statement.copy_from_pb(ParseDict(json.loads(text), Statement([], '', {}).pb.__class__()))
statement.validate()
assert text == json.dumps(json.loads(text), sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()
print(statement.pb.subject[0].digest['sha256'])`;
  assert.equal(python(PYTHON, lines, file, raw), built.outputs.checksum);
});

test('the command line says what is wrong, a line a reason', async () => {
  const workspace = checkout(SITE);
  const built = await step(workspace, { ...BUILD, name: 'shop' });
  assert.equal(built.status, 0, built.stdout.toString());
  const file = built.outputs['artifact-path'];
  const verified = await commandLine(workspace, 'verify', file, '--waybill', built.outputs.waybill);
  assert.equal(verified.status, 0, verified.stdout.toString());
  const { stdout } = await commandLine(workspace, 'checksums', `${file}.waybill.json`);
  const place = folder('unpacked');
  spawnSync('tar', ['-xf', path.join(workspace, file), '-C', place]);
  const checked = spawnSync('sha256sum', ['-c', '--strict', '-'], { cwd: place, input: stdout, encoding: 'utf8' });
  if (!checked.error) assert.equal(checked.status, 0, checked.stderr + stdout);
  const bytes = readFileSync(path.join(workspace, file));
  bytes[bytes.indexOf('Shop')] ^= 1;
  writeFileSync(path.join(workspace, file), bytes);
  const refused = await commandLine(workspace, 'verify', file);
  assert.equal(refused.status, 3);
  assert.deepEqual(refused.stdout.toString().match(/^WB\d+/gm), ['WB4201', 'WB4203']);
  rmSync(path.join(workspace, '.waybill', 'artifacts', '7001', '1', 'shop', 'parcel.json'));
  const pruned = await commandLine(workspace, 'prune');
  assert.match(pruned.stdout.toString(), /removed 7001\/1\/shop/);
  assert.ok(!existsSync(path.join(workspace, file)));
});
