// The run's artifact service as nektos/act has it, which nobody here wrote: a
// job builds, and a second one takes from the service what the first one stored.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

import { PROJECT, fromVenv } from '../../scripts/lib/paths.mjs';
import { cleanEnvironment, onPath, strict } from '../../scripts/lib/run.mjs';
import { MAIN, NODE, commitAll, folder, write } from './harness.mjs';

const ACT = [fromVenv('act'), onPath('act')].find((file) => file && existsSync(file));

const WORKFLOW = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs:
      waybill: \${{ steps.build.outputs.waybill-staging }}
      artifact: \${{ steps.build.outputs.artifact }}
      checksum: \${{ steps.build.outputs.checksum }}
    steps:
      - uses: actions/checkout@0000000000000000000000000000000000000000
      - run: mkdir -p dist && echo '<h1>Shop</h1>' > dist/index.html
      - id: build
        uses: ./.github/action
        with:
          job-type: build-frontend
          environment: staging
          store: actions
          path: dist
  last:
    runs-on: ubuntu-latest
    needs: build
    steps:
      - uses: actions/checkout@0000000000000000000000000000000000000000
      - id: last
        uses: ./.github/action
        with:
          job-type: lint
          environment: staging
          run: 'true'
          deployment-report: 'true'
          state-directory: .waybill-last
      - env:
          BUILD: \${{ toJSON(needs.build.outputs) }}
        run: printf '%s' "$BUILD" > "$EVIDENCE/build.json"
`;

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const missing = ACT ? process.platform === 'win32' && 'act runs no bash steps on Windows by itself' : 'act is not here';

test('the second job of a workflow takes what the first one stored', { skip: !strict && missing }, async () => {
  assert.ok(ACT, 'act is not here');
  const where = folder('repository');
  write(where, { '.gitignore': 'dist\n', '.github/workflows/pipeline.yml': WORKFLOW });
  cpSync(path.dirname(MAIN), path.join(where, '.github', 'action', 'dist'), { recursive: true });
  cpSync(path.join(PROJECT, 'action.yml'), path.join(where, '.github', 'action', 'action.yml'));
  // The action's own dist/ is no output of the shop's.
  write(where, { '.gitignore': '/dist\n' });
  commitAll(where);
  const [home, evidence, store, programs] = ['home', 'evidence', 'store', 'programs'].map((name) => folder(name));
  writeFileSync(path.join(programs, 'node'), `#!/bin/sh\nexec "${NODE}" "$@"\n`);
  chmodSync(path.join(programs, 'node'), 0o755);
  mkdirSync(path.join(home, 'cache'));
  const words = ['push', '-P', 'ubuntu-latest=-self-hosted', '--no-cache-server', '--env', `EVIDENCE=${evidence}`];
  words.push('--artifact-server-path', store, '--artifact-server-addr', '127.0.0.1', '--artifact-server-port', `${await freePort()}`);
  const env = cleanEnvironment({
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    PATH: [programs, process.env.PATH].join(path.delimiter),
  });
  const { status, stdout, stderr } = spawnSync(ACT, words, { cwd: where, env, encoding: 'utf8', timeout: 180_000 });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  const built = JSON.parse(readFileSync(path.join(evidence, 'build.json'), 'utf8'));
  // The last job's checkout has no ledger of the first: it came from the service.
  assert.match(stdout, /build-frontend \(staging\) started[\s\S]*lint \(staging\)/);
  assert.doesNotMatch(stdout, /left out|not shared/);
  const zip = path.join(store, '1', built.artifact, `${built.artifact}.zip`);
  const out = path.join(evidence, 'out');
  const lines = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';
  const unzipped = spawnSync('python3', ['-c', lines, zip, out], { encoding: 'utf8' });
  assert.equal(unzipped.status, 0, unzipped.stderr);
  const sha256 = (name) => createHash('sha256').update(readFileSync(path.join(out, name))).digest('hex');
  assert.equal(sha256(`${built.artifact}.tar`), built.checksum);
  assert.equal(sha256(`${built.artifact}.tar.waybill.json`), built.waybill);
});
