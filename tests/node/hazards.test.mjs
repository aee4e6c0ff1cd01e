// What goes wrong for migrations in the wild, provoked on a real PostgreSQL:
// where it is cheap, the naive way is shown to fail first.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { checkout, environmentOf, folder, runNode, step } from './harness.mjs';
import { cluster, freePort, needed, startServer } from './postgres.mjs';
import { proxy } from './proxy.mjs';

const options = needed();
let server;
before(async () => {
  if (!options.skip) server = await cluster();
});
after(() => server?.stop());

let databases = 0;
const database = () => server.database(`hazard_${++databases}`);
const workspaceOf = (files) =>
  checkout(Object.fromEntries(Object.entries(files).map(([name, text]) => [`migrations/${name}`, text])));

async function migrate(url, workspace, inputs = {}, more = {}) {
  const result = await step(workspace, { 'job-type': 'migrate-db', 'database-url': url, ...inputs }, more);
  return { ...result, text: String(result.stdout) };
}
const history = (name) =>
  server.sql(name, 'select version, statements_done, finished_at is not null, statement_begun is null from waybill_migrations order by ordinal');

/** Files of all kinds, and what the schema is when each was applied exactly once. */
const FILES = {
  '1_users.sql': 'create table users (id int, name text); insert into users select n, n::text from generate_series(1, 100) n;',
  '2_index.sql':
    '-- waybill:no-transaction\ncreate table counts (n int);\ninsert into counts values (1);\ncreate index concurrently users_id on users (id);\ninsert into counts values (2);\nvacuum users;\ndrop index concurrently users_id;\ncreate unique index concurrently users_id2 on users (id);\n',
  '3_more.sql': 'insert into counts values (3); alter table users add column age int default 3;',
};
function assertModel(name, note) {
  assert.equal(history(name), '1|1|t|t\n2|7|t|t\n3|1|t|t'.replace('1|1', '1|2').replace('3|1', '3|2'), note);
  assert.equal(server.sql(name, 'select n from counts order by n'), '1\n2\n3', note);
  assert.equal(server.sql(name, 'select count(*), min(age) from users'), '100|3', note);
  assert.equal(server.sql(name, "select relname, indisvalid from pg_index join pg_class on pg_class.oid = indexrelid where relname like 'users%'"), 'users_id2|t', note);
  assert.equal(server.sql(name, "select count(*) from pg_locks where locktype = 'advisory'"), '0', note);
}

test('twenty runs at once: one applies, all end green, everything happens once', options, async () => {
  const name = database();
  const workspace = workspaceOf(FILES);
  const runs = await Promise.all(Array.from({ length: 20 }, (_, at) =>
    migrate(server.url(name), workspace, { matrix: JSON.stringify({ at }) }, { matrix: { at }, limit: 240_000 })));
  for (const run of runs) assert.equal(run.status, 0, run.text);
  assert.deepEqual(runs.map((run) => run.outputs.applied).sort(), [...Array(19).fill('0'), '3']);
  assertModel(name);
});

test('CONCURRENTLY while another run waits', options, async () => {
  const name = database();
  server.sql(name, 'create table t as select generate_series(1, 1000) i');
  // The naive way: one holds the lock and builds, the other waits for the lock in a statement.
  const log = server.child.said.length;
  const one = server.beside(name, ['select pg_advisory_lock(7)', 'select pg_sleep(0.5)', 'create index concurrently t_naive on t (i)', 'select pg_sleep(0.1)']);
  await sleep(250);
  const other = server.beside(name, ['select pg_advisory_lock(7)']);
  await Promise.all([one, other].map((child) => new Promise((resolve) => child.on('close', resolve))));
  assert.match(server.child.said.slice(log), /deadlock detected/);
  const workspace = workspaceOf({ '1_a.sql': 'create index concurrently t_i on t (i);', '2_b.sql': 'select pg_sleep(1)' });
  const both = await Promise.all([1, 2].map((at) => migrate(server.url(name), workspace, {}, { matrix: { at } })));
  const text = both.map((run) => run.text).join('\n');
  assert.deepEqual(both.map((run) => run.status), [0, 0], text);
  assert.match(text, /waiting for another run, held by process \d+ \(`waybill migrate-db`, user `app`/);
});

test('killed at every message that it sends, the next run goes on rightly', options, async () => {
  const workspace = workspaceOf(FILES);
  let ended = false;
  let deaths = 0;
  for (let last = 3; !ended; last++) {
    const name = database();
    let count = 0;
    let kill = () => {};
    const between = await proxy(server.port, {
      onClient: (piece) => {
        count++;
        if (count < last) return piece;
        // The message still reaches the server; whoever sent it does not hear of it.
        setTimeout(kill, 5);
        return piece;
      },
      onServer: (piece) => (count >= last ? undefined : piece),
    });
    const url = `postgresql://app:${server.password}@127.0.0.1:${between.port}/${name}?sslmode=disable`;
    const dying = new AbortController();
    kill = () => dying.abort();
    const first = await dyingRun(workspace, url, dying.signal);
    await between.close();
    ended = first.status === 0;
    deaths += ended ? 0 : 1;
    const next = await migrate(server.url(name, '?sslmode=disable'), workspace);
    assert.equal(next.status, 0, `after message ${last}: ${next.text}`);
    assertModel(name, `after message ${last}`);
  }
  assert.ok(deaths > 10, `only ${deaths} deaths`);
});

/** A run that is killed by SIGKILL when the signal says so. */
async function dyingRun(workspace, url, signal) {
  const { env } = environmentOf(workspace, { 'job-type': 'migrate-db', 'database-url': url });
  return runNode(env, { workspace, abort: signal });
}

test('the connection dies at the commit', options, async () => {
  for (const when of ['before', 'after']) {
    const name = database();
    let cuts = 0;
    let silent = false;
    const between = await proxy(server.port, {
      onClient: async (piece, { cut }) => {
        if (cuts > 0 || !piece.includes('COMMIT')) return piece;
        cuts++;
        if (when === 'before') return void cut();
        // The server commits; its answer is lost.
        silent = true;
        setTimeout(() => { silent = false; cut(); }, 300);
        return piece;
      },
      onServer: (piece) => (silent ? undefined : piece),
    });
    const url = `postgresql://app:${server.password}@127.0.0.1:${between.port}/${name}?sslmode=disable`;
    const run = await migrate(url, workspaceOf({ '1_a.sql': 'create table a ();', '2_b.sql': 'create table b ();' }));
    await between.close();
    assert.equal(run.status, 0, run.text);
    assert.equal(cuts, 1);
    assert.match(run.text, /connecting again, and reading what was done/);
    assert.equal(run.outputs.applied, '2', run.text);
    assert.equal(history(name), '1|1|t|t\n2|1|t|t');
  }
});

test('the server restarts in the middle', options, async () => {
  const name = database();
  const workspace = workspaceOf({ '1_a.sql': 'create table a ();', '2_b.sql': 'create table b (); select pg_sleep(2);', '3_c.sql': 'create table c ();' });
  let restarted;
  const run = await migrate(server.url(name), workspace, {}, {
    onPrinted: (piece) => {
      if (!restarted && String(piece).includes('applied `1 a`')) restarted = server.stop('SIGINT').then(() => server.start());
    },
    limit: 120_000,
  });
  await restarted;
  // The first file is told once the second has begun, in which the server stops.
  if (!restarted) await sleep(0);
  assert.equal(run.status, 0, run.text);
  assert.equal(history(name), '1|1|t|t\n2|2|t|t\n3|1|t|t');
});

test('a lock that is not to be had is given up in time, its holder named, and tried again', options, async () => {
  const name = database();
  server.sql(name, 'create table t (i int)');
  const workspace = workspaceOf({ '1_a.sql': 'alter table t add column j int;' });
  const holder = server.beside(name, ['begin', 'lock table t in access share mode', 'select pg_sleep(60)']);
  await sleep(500);
  const refused = await migrate(server.url(name), workspace, { 'lock-timeout': '1s', retries: '0' });
  assert.equal(refused.outputs.code, 'WB6107', refused.text);
  assert.match(refused.summary, /in the way: process \d+ .*beside.*user.*app/s);
  setTimeout(() => server.sql(name, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'beside'"), 4000);
  const patient = await migrate(server.url(name), workspace, { 'lock-timeout': '1s' });
  holder.kill();
  assert.equal(patient.status, 0, patient.text);
  assert.match(patient.text, /trying again in/);
});

test('an invalid index is mended, where IF NOT EXISTS takes it for good', options, async () => {
  const name = database();
  server.sql(name, 'create table t (i int); insert into t values (1), (1)');
  assert.throws(() => server.sql(name, 'create unique index concurrently t_i on t (i)'));
  server.sql(name, 'delete from t where ctid = (select min(ctid) from t)');
  // The naive way: it is there, so all is well.
  server.sql(name, 'create unique index concurrently if not exists t_i on t (i)');
  assert.equal(server.sql(name, "select indisvalid from pg_index where indexrelid = 't_i'::regclass"), 'f');
  const workspace = workspaceOf({ '1_a.sql': 'create unique index concurrently if not exists t_i on t (i);' });
  const run = await migrate(server.url(name), workspace);
  assert.equal(run.status, 0, run.text);
  assert.equal(server.sql(name, "select indisvalid from pg_index where indexrelid = 't_i'::regclass"), 't');
});

test('asked to stop, it cancels the statement and leaves nothing', options, async () => {
  const name = database();
  const workspace = workspaceOf({ '1_a.sql': 'create table a ();', '2_b.sql': 'create table b (); select pg_sleep(60);' });
  const run = await migrate(server.url(name), workspace, {}, { whenPrinted: 'applied `1 a`', signal: 'SIGTERM' });
  assert.equal(run.status, 130, run.text);
  assert.ok(run.sinceSignal < 7000, `${run.sinceSignal} ms`);
  assert.equal(history(name), '1|1|t|t');
  assert.equal(server.sql(name, "select count(*) from pg_locks where locktype = 'advisory'"), '0');
  assert.equal(server.sql(name, "select count(*) from pg_stat_activity where application_name like 'waybill%'"), '0');
});

const POOLER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find((file) => existsSync(file));
const pooled = options.skip ? options : { skip: POOLER ? false : 'pgbouncer is not installed' };
if (pooled.skip && process.env.WAYBILL_STRICT) throw new Error(pooled.skip);

test('a transaction pooler is refused', pooled, async () => {
  const name = database();
  const port = await freePort();
  const where = folder('pooler');
  const file = path.join(where, 'pgbouncer.ini');
  const users = path.join(where, 'users');
  writeFileSync(users, `"app" "${server.password}"\n`, { mode: 0o644 });
  writeFileSync(file, `[databases]\n* = host=127.0.0.1 port=${server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = scram-sha-256\nauth_file = ${users}\npool_mode = transaction\nunix_socket_dir =\n`);
  const pooler = startServer(POOLER, [file]);
  await sleep(1000);
  const url = `postgresql://app:${server.password}@127.0.0.1:${port}/${name}`;
  const run = await migrate(url, workspaceOf({ '1_a.sql': 'create table a ();' }));
  pooler.kill('SIGINT');
  await pooler.ended;
  assert.equal(run.outputs.code, 'WB6103', run.text + pooler.said);
  assert.equal(server.sql(name, "select count(*) from pg_class where relname = 'a'"), '0');
});
