// Histories of other tools, made by those tools: adopted by us and gone on with
// by us, and in dbmate's own table still understood by dbmate.

import assert from 'node:assert/strict';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { PROJECT } from '../../scripts/lib/paths.mjs';
import { checkout, step, write } from './harness.mjs';
import { cluster, needed } from './postgres.mjs';

const options = needed();
let server;
before(async () => {
  if (!options.skip) server = await cluster();
});
after(() => server?.stop());

const MODULES = process.env.WAYBILL_NODE_MODULES ?? path.join(PROJECT, 'node_modules');
const DBMATE = path.join(MODULES, '@dbmate', `${process.platform}-${process.arch}`, 'bin', 'dbmate');
const NODE_PG = path.join(MODULES, 'node-pg-migrate');

/** A test that needs one of the tools. */
function having(file, name) {
  if (options.skip) return options;
  const skip = existsSync(file) ? false : `${name} is not installed`;
  if (skip && process.env.WAYBILL_STRICT) throw new Error(skip);
  return { skip };
}

let databases = 0;
const database = () => server.database(`adopt_${++databases}`);
async function migrate(name, workspace, inputs = {}) {
  const place = { 'job-type': 'migrate-db', 'database-url': server.url(name, '?sslmode=disable'), ...inputs };
  const result = await step(workspace, place);
  return { ...result, text: String(result.stdout) };
}

const dbmate = (name, workspace, ...words) =>
  execFileSync(DBMATE, ['--url', server.url(name, '?sslmode=disable'), '--migrations-dir', 'migrations', '--no-dump-schema', ...words], {
    cwd: workspace, env: { PATH: process.env.PATH }, encoding: 'utf8', stdio: 'pipe',
  });
const block = (up, down) => `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`;

test("dbmate's history is adopted, and gone on with in ours", having(DBMATE, 'dbmate'), async () => {
  const name = database();
  const workspace = checkout({
    'migrations/20240101000000_a.sql': block('create table a ();', 'drop table a;'),
    'migrations/20240102000000_b.sql': block('create table b ();', 'drop table b;'),
  });
  dbmate(name, workspace, 'up');
  write(workspace, { 'migrations/20240103000000_c.sql': block('create table c ();', 'drop table c;') });
  const unasked = await migrate(name, workspace);
  assert.equal(unasked.outputs.code, 'WB6109', unasked.text);
  assert.match(unasked.text, /adopt: dbmate/);
  const planned = await migrate(name, workspace, { adopt: 'dbmate', mode: 'plan' });
  assert.deepEqual([planned.outputs.pending, planned.outputs.applied], ['1', '0'], planned.text);
  const adopted = await migrate(name, workspace, { adopt: 'dbmate' });
  assert.deepEqual([adopted.status, adopted.outputs.applied], [0, '1'], adopted.text);
  const rows = server.sql(name, 'select version, applied_by from waybill_migrations order by ordinal');
  assert.equal(rows, '20240101000000|adopted from dbmate by octocat\n20240102000000|adopted from dbmate by octocat\n20240103000000|octocat');
  assert.equal((await migrate(name, workspace)).outputs.applied, '0');
});

test("dbmate goes on in its own table after us", having(DBMATE, 'dbmate'), async () => {
  const name = database();
  const workspace = checkout({ 'migrations/20240101000000_a.sql': block('create table a ();', 'drop table a;') });
  dbmate(name, workspace, 'up');
  write(workspace, { 'migrations/20240102000000_b.sql': block('create table b ();', 'drop table b;') });
  const ours = await migrate(name, workspace, { table: 'schema_migrations' });
  assert.deepEqual([ours.status, ours.outputs.applied], [0, '1'], ours.text);
  assert.match(dbmate(name, workspace, 'status'), /Applied: 2\s+Pending: 0/);
  write(workspace, { 'migrations/20240103000000_c.sql': block('create table c ();', 'drop table c;') });
  dbmate(name, workspace, 'up');
  assert.equal((await migrate(name, workspace, { table: 'schema_migrations' })).outputs.applied, '0');
  dbmate(name, workspace, 'rollback');
  assert.equal((await migrate(name, workspace, { table: 'schema_migrations' })).outputs.applied, '1');
});

test("node-pg-migrate's history is adopted", having(NODE_PG, 'node-pg-migrate'), async () => {
  const name = database();
  const workspace = checkout({ 'migrations/1700000000000_a.sql': '-- Up Migration\ncreate table a ();\n-- Down Migration\ndrop table a;\n' });
  const { bin } = createRequire(path.join(NODE_PG, 'package.json'))('./package.json');
  const program = path.join(NODE_PG, typeof bin === 'string' ? bin : bin['node-pg-migrate']);
  execFileSync(process.execPath, [program, 'up', '-m', 'migrations'], {
    cwd: workspace, env: { PATH: process.env.PATH, DATABASE_URL: server.url(name, '?sslmode=disable') }, stdio: 'pipe',
  });
  write(workspace, { 'migrations/1700000000001_b.sql': '-- Up Migration\ncreate table b ();\n-- Down Migration\ndrop table b;\n' });
  const adopted = await migrate(name, workspace, { adopt: 'node-pg-migrate' });
  assert.deepEqual([adopted.status, adopted.outputs.applied], [0, '1'], adopted.text);
});

/** What sqlx 0.8 makes, by its own statements. */
const SQLX = `create table _sqlx_migrations (version bigint primary key, description text not null,
  installed_on timestamptz not null default now(), success boolean not null, checksum bytea not null, execution_time bigint not null)`;

test("a changed file is seen by the other tool's checksum", options, async () => {
  const name = database();
  const workspace = checkout({ 'migrations/1_a.sql': 'create table a ();\n', 'migrations/2_b.sql': 'create table b ();\n' });
  server.sql(name, `${SQLX}; create table a (); insert into _sqlx_migrations values (1, 'a', now(), true, sha384('create table a ();\n'), 1)`);
  const adopted = await migrate(name, workspace, { adopt: 'sqlx', format: 'sqlx', mode: 'plan' });
  assert.deepEqual([adopted.status, adopted.outputs.pending], [0, '1'], adopted.text);
  write(workspace, { 'migrations/1_a.sql': 'create table a (i int);\n' });
  const refused = await migrate(name, workspace, { adopt: 'sqlx', format: 'sqlx' });
  assert.equal(refused.outputs.code, 'WB6108', refused.text);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('b', 'waybill_migrations')"), '0');
});

test("sqlx's own table is written as sqlx writes it", options, async () => {
  const name = database();
  const workspace = checkout({ 'migrations/1_a_b.sql': 'create table a ();\n', 'migrations/2_b.sql': 'create table b ();\n' });
  server.sql(name, `${SQLX}; create table a (); insert into _sqlx_migrations values (1, 'a b', now(), true, sha384('create table a ();\n'), 1)`);
  const ours = await migrate(name, workspace, { table: '_sqlx_migrations', format: 'sqlx' });
  assert.deepEqual([ours.status, ours.outputs.applied], [0, '1'], ours.text);
  const row = server.sql(name, "select version, description, success, checksum = sha384('create table b ();\n'), execution_time > 0 from _sqlx_migrations where version = 2");
  assert.equal(row, '2|b|t|t|t');
});
