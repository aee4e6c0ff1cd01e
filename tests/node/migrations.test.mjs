// migrate-db as a pull request sees it: planned with no database, its findings
// at line and column, what is new known by git or by GitHub.

import assert from 'node:assert/strict';
import test from 'node:test';
import { rmSync, renameSync } from 'node:fs';

import { gitHub } from './github.mjs';
import { checkout, commitAll, git, step, write } from './harness.mjs';

const PLAN = { 'job-type': 'migrate-db', mode: 'plan', 'github-token': 'a-token-of-a-test' };
const MERGED = {
  'db/migrations/0001_users.sql': 'create table users (id bigint generated always as identity primary key);\n',
  'db/migrations/0001_users.down.sql': 'drop table users;\n',
  'db/migrations/0002_index.sql': '\\echo merged long ago\ncreate index on users (id);\n',
};
const NEW = {
  'db/migrations/0003_orders.sql':
    "-- '😀'\r\ncreate table orders (id bigint primary key);\r\ncreate index orders_id on orders (id);\r\n/* 😀 */ alter table users add column token uuid default gen_random_uuid();\r\n",
  'db/migrations/0004_index.sql': 'create index concurrently users_token on users (token);\n',
};

/** A repository with a change, and the options of a run on its pull request. */
function change(files, { fork = false, edit = () => {} } = {}) {
  const workspace = checkout(MERGED);
  const base = git(workspace, 'rev-parse', 'HEAD');
  write(workspace, files);
  edit(workspace);
  const head = commitAll(workspace);
  const repo = (name) => ({ repo: { full_name: name } });
  const event = {
    pull_request: {
      number: 7,
      head: { sha: head, ...repo(fork ? 'them/shop' : 'example/shop') },
      base: { sha: base, ...repo('example/shop') },
    },
  };
  return { workspace, options: { event, context: { GITHUB_EVENT_NAME: 'pull_request' } } };
}

const told = ({ annotations }) =>
  annotations
    .filter(({ file }) => file)
    .map(({ level, file, line, column, title }) => `${level} ${file.split('/').at(-1)}:${line}:${column ?? ''} ${title}`);

test('what is new is planned, and its findings stand at line and column', async () => {
  const { workspace, options } = change(NEW);
  const result = await step(workspace, PLAN, options);
  assert.equal(result.status, 1);
  assert.equal(result.outputs.code, 'WB6007');
  assert.equal(result.outputs.pending, '2');
  assert.equal(result.outputs.errors, '1');
  assert.ok(told(result).includes('error 0003_orders.sql:4:58 squawk: adding-field-with-default'), told(result).join('\n'));
  assert.ok(!told(result).some((line) => line.includes('require-concurrent')), 'a new table is nobody’s yet');
  assert.match(result.summary, /New migrations/);
  assert.match(result.summary, /0003_orders\.sql.*\| 3 \| in one transaction \| no file \|/);
  assert.match(result.summary, /0004_index\.sql.*in no transaction: .*CREATE INDEX CONCURRENTLY/);
});

test('a fork’s pull request is planned too, with no secret and no database', async () => {
  const { workspace, options } = change(NEW, { fork: true });
  const given = { ...PLAN, 'github-token': '', 'fail-on': 'never' };
  for (const name of ['pull_request', 'pull_request_target']) {
    const result = await step(workspace, given, { ...options, context: { GITHUB_EVENT_NAME: name } });
    assert.equal(result.status, 0, name);
    assert.equal(result.outputs.pending, '2');
  }
});

test('what was merged is not to be touched', async () => {
  const { workspace, options } = change(
    { 'db/migrations/0001_users.sql': 'create table users (id bigint);\n', 'db/migrations/00015_early.sql': 'select 1;\n' },
    { edit: (where) => rmSync(`${where}/db/migrations/0002_index.sql`) },
  );
  const result = await step(workspace, PLAN, options);
  assert.equal(result.outputs.code, 'WB6008');
  assert.ok(told(result).includes('error 0001_users.sql:1: waybill: edited-migration'), told(result).join('\n'));
  assert.match(result.summary, /removed-migration/);
  const renamed = change(
    {},
    { edit: (where) => renameSync(`${where}/db/migrations/0002_index.sql`, `${where}/db/migrations/0009_index.sql`) },
  );
  const again = await step(renamed.workspace, PLAN, renamed.options);
  assert.equal(again.outputs.code, 'WB6006', 'a file under a new number is looked at anew');
});

test('a new migration sorts after the newest of the base', async () => {
  const files = { 'db/migrations/0000_early.sql': 'select 1;\n' };
  const { workspace, options } = change(files);
  const result = await step(workspace, PLAN, options);
  assert.equal(result.outputs.code, 'WB6009');
  const allowed = await step(workspace, { ...PLAN, 'allow-out-of-order': 'true' }, options);
  assert.equal(allowed.status, 0);
});

test('GitHub is asked where the checkout is shallow', async (context) => {
  const { workspace, options } = change(NEW);
  const files = Object.keys(NEW).map((filename) => ({ filename, status: 'added', patch: '@@ -0,0 +1,4 @@\n+a\n+b\n+c\n+d' }));
  const api = await gitHub({ files });
  context.after(() => api.close());
  options.event.pull_request.base.sha = 'b'.repeat(40);
  options.context.GITHUB_API_URL = api.url;
  const result = await step(workspace, PLAN, options);
  assert.equal(result.outputs.pending, '2');
  assert.equal(result.outputs.code, 'WB6007');
});

test('what no server takes is refused where it stands', async () => {
  const { workspace, options } = change({ 'db/migrations/0003_x.sql': 'select 1;\n  copy users from stdin;\n1\n\\.\n' });
  const result = await step(workspace, PLAN, options);
  assert.equal(result.status, 2);
  assert.equal(result.outputs.code, 'WB6006');
  assert.ok(told(result).includes('error 0003_x.sql:2:3 WB6006'), told(result).join('\n'));
});

test('rules are set and silenced', async () => {
  const text = '-- squawk-ignore adding-field-with-default\n' + NEW['db/migrations/0003_orders.sql'].split('\r\n')[3];
  const { workspace, options } = change({ 'db/migrations/0003_x.sql': text });
  assert.equal((await step(workspace, PLAN, options)).status, 0);
  const rules = 'prefer-robust-stmts: error\n';
  const strict = await step(workspace, { ...PLAN, 'lint-rules': 'ban-add-column: error' }, options);
  assert.ok(told(strict).some((line) => line.includes('ban-add-column')), told(strict).join('\n') + rules);
  const wrong = await step(workspace, { ...PLAN, 'lint-rules': 'ban-drop: error' }, options);
  assert.equal(wrong.status, 2);
  assert.match(wrong.summary, /did you mean/);
});

test('deep nesting does not bring the module down', async () => {
  const deep = `select ${'('.repeat(50_000)}1${')'.repeat(50_000)};\n`;
  const { workspace, options } = change({ 'db/migrations/0003_x.sql': deep, 'db/migrations/0004_y.sql': `select 1${' + 1'.repeat(390)};\n` });
  const result = await step(workspace, PLAN, options);
  assert.equal(result.status, 0);
  assert.ok(told(result).some((line) => line.includes('too-deep')), told(result).join('\n'));
});

test('there is nothing to plan where there are no migrations', async () => {
  const result = await step(checkout({ 'README.md': '' }), PLAN);
  assert.equal(result.status, 2);
  assert.equal(result.outputs.code, 'WB6001');
});
