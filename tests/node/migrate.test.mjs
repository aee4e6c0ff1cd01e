// migrate-db on a real PostgreSQL: connecting, applying, planning, failing,
// going back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { checkout, step, write } from './harness.mjs';
import { cluster, needed } from './postgres.mjs';

const options = needed();
let server;
before(async () => {
  if (options.skip) return;
  const hba = ['host md5_base md5_user 127.0.0.1/32 md5', 'host all open_user 127.0.0.1/32 trust', 'hostssl plain plain_user 127.0.0.1/32 password'];
  server = await cluster({ hba });
});
after(() => server?.stop());

let databases = 0;
const database = () => server.database(`migrate_${++databases}`);

/** Runs the job on files of a folder `migrations`. */
async function migrate(place, files, inputs = {}, more = {}) {
  const workspace = typeof files === 'string' ? files : checkout(prefixed(files));
  const url = typeof place === 'string' && place.includes('://') ? place : server.url(place);
  const result = await step(workspace, { 'job-type': 'migrate-db', 'database-url': url, ...inputs }, more);
  return { ...result, workspace, text: String(result.stdout) };
}
const prefixed = (files) => Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text]));

const history = (name) => server.sql(name, 'select version, name, statements_done, finished_at is not null from waybill_migrations order by ordinal');

const TWO = {
  '0001_users.sql': 'create table users (id int primary key);\ninsert into users values (1);\n',
  '0002_names.sql': 'alter table users add column name text;\n',
};

test('what is pending is applied once, and told', options, async () => {
  const name = database();
  const first = await migrate(name, TWO);
  assert.equal(first.status, 0, first.text);
  assert.deepEqual([first.outputs.applied, first.outputs.pending], ['2', '0']);
  assert.equal(history(name), '1|users|2|t\n2|names|1|t');
  const again = await migrate(name, first.workspace);
  assert.equal(again.outputs.applied, '0');
  assert.match(again.summary, /up to date/);
  write(first.workspace, prefixed({ '0003_more.sql': 'create table more ();' }));
  const third = await migrate(name, first.workspace);
  assert.deepEqual([third.outputs.applied, server.sql(name, 'select count(*) from users')], ['1', '1']);
});

test('line endings and a byte order mark do not count', options, async () => {
  const name = database();
  const first = await migrate(name, { '1_a.sql': 'create table a ();\n\ncreate table b ();\n' });
  assert.equal(first.status, 0, first.text);
  write(first.workspace, prefixed({ '1_a.sql': '\uFEFFcreate table a ();\r\n\r\ncreate table b ();\r\n' }));
  assert.equal((await migrate(name, first.workspace)).status, 0);
  write(first.workspace, prefixed({ '1_a.sql': 'create table a (); create table c ();\n' }));
  const changed = await migrate(name, first.workspace);
  assert.deepEqual([changed.status, changed.outputs.code], [1, 'WB6108']);
  assert.match(changed.text, /::error title=WB6108,file=migrations\/1_a.sql/);
});

test('a plan changes nothing and needs no right to', options, async () => {
  const name = database();
  const first = await migrate(name, TWO, { mode: 'plan' });
  assert.equal(first.status, 0, first.text);
  assert.deepEqual([first.outputs.pending, first.outputs.applied], ['2', '0']);
  assert.match(first.text, /apply `0001 users` \(`migrations\/0001_users.sql`\): 2 statements in one transaction/);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('users', 'waybill_migrations')"), '0');
  const done = await migrate(name, first.workspace);
  assert.equal(done.status, 0);
  write(done.workspace, prefixed({ '0003_x.sql': 'create table x ();' }));
  server.sql(name, "create role reader login password 'reader'; grant select on waybill_migrations to reader");
  const url = `postgresql://reader:reader@127.0.0.1:${server.port}/${name}`;
  const reader = await migrate(url, done.workspace, { mode: 'plan' });
  assert.deepEqual([reader.status, reader.outputs.pending], [0, '1'], reader.text);
});

test('every way of proving the password, and of TLS', options, async () => {
  const name = database();
  const files = { '1_a.sql': 'create table if not exists a ();' };
  const workspace = checkout(prefixed(files));
  const ca = readFileSync(server.authority, 'utf8');
  const url = (query, host = '127.0.0.1') => `${server.url(name).replace('127.0.0.1', host)}${query}`;
  const run = (place, inputs) => migrate(place, workspace, inputs);
  for (const [place, inputs] of [
    [url('?sslmode=disable'), {}],
    [url('?sslmode=require'), { 'postgres-tls': 'unverified' }],
    [url('?sslmode=require&channel_binding=require'), { 'postgres-ca': ca }],
    [url('?sslmode=verify-full&channel_binding=require', 'localhost'), { 'postgres-ca': ca }],
    [url('?sslmode=verify-ca&channel_binding=disable'), { 'postgres-ca': ca }],
    [`postgresql://app:${server.password}@/${name}?host=${encodeURIComponent(server.where)}&port=${server.port}`, {}],
  ]) {
    const result = await run(place, inputs);
    assert.equal(result.status, 0, `${place.replace(server.password, 'pw')}: ${result.text}`);
  }
  for (const [place, inputs, code, said] of [
    [url('?sslmode=require'), {}, 'WB6102', /certificate is not accepted/],
    [url('?sslmode=disable&channel_binding=require'), {}, 'WB6103', /channel_binding=require/],
    [url('').replace(server.password, 'wrong'), {}, 'WB6102', /28P01/],
    [url('').replace(`/${name}`, '/nowhere'), {}, 'WB6102', /3D000/],
    [url('').replace(`:${server.password}`, ''), {}, 'WB6102', /wants a password/],
  ]) {
    const result = await run(place, inputs);
    assert.equal(result.outputs.code, code, result.text);
    assert.match(result.text, said);
    assert.ok(!result.text.replaceAll(/::add-mask::.*/g, '').includes(server.password));
  }
});

test('older ways to prove a password', options, async () => {
  const word = `pw${databases}`;
  server.sql('postgres', `set password_encryption = 'md5'; create role md5_user login password '${word}'`);
  server.sql('postgres', `create role plain_user login password '${word}'; create role open_user login superuser`);
  server.sql('postgres', 'create database md5_base owner md5_user');
  server.sql('postgres', 'create database plain owner plain_user');
  const files = { '1_a.sql': 'create table a ();' };
  const at = (user, name, query = '') => `postgresql://${user}:${word}@127.0.0.1:${server.port}/${name}${query}`;
  for (const place of [at('md5_user', 'md5_base'), at('plain_user', 'plain')]) {
    const result = await migrate(place, files);
    assert.equal(result.status, 0, result.text);
  }
  const open = await migrate(at('open_user', 'plain', '?sslmode=require&channel_binding=require'), files, { 'postgres-tls': 'unverified' });
  assert.match(open.text, /the server lets in without it/);
});

test('an error is annotated where it lies', options, async () => {
  for (const [text, line, column, said] of [
    ['create table a ();\nselect nope;\n', 2, 8, /42703/],
    ['create table a ();\r\n\r\n  select nope;\r\n', 3, 10, /42703/],
    ["select '😀', nope;\n", 1, 14, /42703/],
    ['\uFEFFselect nope', 1, 8, /42703/],
    ['create table a ();\n\nselect 1 / 0;\n', 3, 1, /22012/],
    ['select 1;\nselekt 2;', 2, 1, /42601/],
    ["do $$\nbegin\n  perform 1;\n  raise exception 'no';\nend $$;", 4, 3, /P0001/],
    ['create table p (id int primary key);\ncreate table q (id int references p deferrable initially deferred);\ninsert into q values (1);\n', 1, 1, /23503/],
  ]) {
    const name = database();
    const result = await migrate(name, { '1_before.sql': 'create table before ();', '2_a.sql': text });
    assert.equal(result.outputs.code, 'WB6106', result.text);
    const found = result.text.match(/::error title=WB6106,file=migrations\/2_a.sql,line=(\d+),col=(\d+)::(.*)/);
    assert.ok(found, result.text);
    assert.deepEqual([Number(found[1]), Number(found[2])], [line, column], text);
    assert.match(found[3], said);
    assert.equal(history(name), '1|before|1|t');
    assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('a', 'q')"), '0');
    assert.deepEqual([result.outputs.applied, result.outputs.pending], ['1', '1']);
  }
});

test('what a file sets does not reach the next one', options, async () => {
  const name = database();
  const result = await migrate(name, {
    '1_a.sql': "create schema other; set search_path = other; select set_config('lock_timeout', '1ms', false); create role helper; set role helper;",
    '2_b.sql': 'create table here ();',
    '3_c.sql': 'set transaction isolation level serializable; create table there ();',
  });
  assert.equal(result.status, 0, result.text);
  assert.equal(server.sql(name, "select schemaname from pg_tables where tablename in ('here', 'there')"), 'public\npublic');
});

test('a file that ends its own transaction is refused before anything is run', options, async () => {
  const name = database();
  const result = await migrate(name, { '1_a.sql': 'create table a ();', '2_b.sql': 'create table b ();\ncommit;\ncreate table c ();' });
  assert.equal(result.outputs.code, 'WB6112', result.text);
  assert.match(result.text, /file=migrations\/2_b.sql,line=2/);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('a', 'b', 'c')"), '0');
});

test('COPY from where no data comes fails instead of hanging', options, async () => {
  const name = database();
  // Hidden from who divides the file: the server alone sees what it is.
  const result = await migrate(name, { '1_a.sql': "create table a (b text); copy a from program 'true'; copy a (b) from stdin;" });
  assert.notEqual(result.status, 0);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname = 'a'"), '0');
});

test('a deployment is undone in reverse, or not at all', options, async () => {
  const name = database();
  const files = {
    '1_a.sql': 'create table a ();',
    '1_a.down.sql': 'drop table a;',
    '2_b.sql': 'create table b (); ',
    '2_b.down.sql': 'insert into seen select count(*) from a, pg_class limit 1; drop table b;',
  };
  server.sql(name, 'create table seen (n int)');
  const first = await migrate(name, files);
  assert.equal(first.status, 0, first.text);
  const other = { context: { GITHUB_RUN_ID: '7002' } };
  const foreign = await migrate(name, first.workspace, { mode: 'rollback' }, other);
  assert.deepEqual([foreign.status, foreign.outputs.applied], [0, '0'], foreign.text);
  const undone = await migrate(name, first.workspace, { mode: 'rollback', 'deployment-id': first.outputs['deployment-id'] }, other);
  assert.equal(undone.status, 0, undone.text);
  assert.equal(history(name), '');
  assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('a', 'b')"), '0');
  write(first.workspace, prefixed({ '3_c.sql': 'create table c ();' }));
  assert.equal((await migrate(name, first.workspace)).outputs.applied, '3');
  const refused = await migrate(name, first.workspace, { mode: 'rollback' });
  assert.equal(refused.outputs.code, 'WB6113', refused.text);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname in ('a', 'b', 'c')"), '3');
});

test('a file that sorts before what is applied is refused unless it is allowed', options, async () => {
  const name = database();
  const first = await migrate(name, { '2_b.sql': 'create table b ();' });
  write(first.workspace, prefixed({ '1_a.sql': 'create table a ();' }));
  assert.equal((await migrate(name, first.workspace)).outputs.code, 'WB6009');
  const allowed = await migrate(name, first.workspace, { 'allow-out-of-order': 'true' });
  assert.equal(allowed.outputs.applied, '1', allowed.text);
});

test('production speaks TLS or not at all', options, async () => {
  const name = database();
  const workspace = checkout(prefixed({ '1_a.sql': 'create table a ();' }));
  writeFileSync(path.join(workspace, 'x'), '');
  const result = await migrate('postgresql://u:p@db.example.com/d?sslmode=disable', workspace, { environment: 'production' });
  assert.equal(result.outputs.code, 'WB6103', result.text);
  assert.equal((await migrate(name, workspace, { environment: 'production' })).status, 0);
});
