// What the rules of our own say of a statement, measured on a real server: the
// lock is read from `pg_locks`, a rewrite from the table's file, and what is
// said of transactions from what the server does.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';

import { PROJECT } from '../../scripts/lib/paths.mjs';
import { cluster, needed } from './postgres.mjs';

const FOLDER = path.join(PROJECT, 'src', 'migrations', 'lint', 'rules');

/** The lock that each rule names, from its file. */
const claimed = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name !== 'mod.rs')
    .map((name) => {
      const text = readFileSync(path.join(FOLDER, name), 'utf8');
      return [text.match(/ id: "([^"]+)"/)[1], text.match(/ lock: "([^"]*)"/)[1]];
    }),
);

const SETUP = `
  create extension if not exists btree_gist;
  create type mood as enum ('sad');
  create table t (id int primary key, a int, m mood, during int4range);
  create table u (id int primary key);
  create table part (id int, a int) partition by range (id);
  create table piece (id int, a int);
  create materialized view v as select id from t;
  insert into t select n, n from generate_series(1, 10) n;`;

/** A statement for each rule that runs in a transaction, and the table whose lock it is about. */
const IN_TRANSACTION = {
  'add-column-rewrite': ['alter table t add column b bigserial', 't', { rewrites: true }],
  'add-exclusion': ['alter table t add exclude using gist (during with &&)', 't'],
  'attach-partition': ['alter table part attach partition piece for values from (0) to (10)', 'piece'],
  'backfill-with-schema-change': ['alter table t add column c int; update t set c = 1', 't'],
  cluster: ['cluster t using t_pkey', 't', { rewrites: true }],
  'lock-table': ['lock table t', 't'],
  'many-tables-locked': ['alter table t add column d int; alter table u add column d int', 'u'],
  'refresh-blocking': ['refresh materialized view v', 'v'],
  truncate: ['truncate t', 't'],
  'update-without-where': ['update t set a = 2', 't'],
};

test('the locks and rewrites that the rules tell of', needed(), async (context) => {
  const server = await cluster();
  context.after(() => server.stop());
  const database = server.database('locks');
  server.sql(database, SETUP);
  const held = (table) =>
    `select string_agg(distinct upper(trim(regexp_replace(replace(mode, 'Lock', ''), '([A-Z])', ' \\1', 'g'))), ',') from pg_locks where pid = pg_backend_pid() and relation = '${table}'::regclass`;
  const measured = {};
  for (const [rule, [text, table, { rewrites = false } = {}]] of Object.entries(IN_TRANSACTION)) {
    const file = `select relfilenode from pg_class where oid = '${table}'::regclass`;
    const before = server.sql(database, file);
    const [locks, after] = server.sql(database, `begin; ${text}; ${held(table)}; ${file}; rollback`).split('\n').slice(-2);
    measured[rule] = claimed[rule] && locks.split(',').includes(claimed[rule]) ? claimed[rule] : locks;
    if (rewrites) assert.notEqual(after, before, `${rule} rewrites`);
  }

  // These run in no transaction: somebody who reads holds them up, and their lock is seen as wanted.
  const waiting = async (rule, text, holder) => {
    const reader = server.beside(database, [`begin; ${holder}; select pg_sleep(60)`]);
    const wanted = `select upper(trim(regexp_replace(replace(mode, 'Lock', ''), '([A-Z])', ' \\1', 'g'))) from pg_locks join pg_stat_activity using (pid) where relation = 't'::regclass and query like '${text.slice(0, 12)}%' and mode not like 'Access Share%'`;
    const until = async (seen) => {
      for (let tries = 0; tries < 100; tries++) {
        const rows = seen();
        if (rows) return rows;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return '';
    };
    await until(() => server.sql(database, "select 1 from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active' and query not like '%pg_stat%'"));
    const writer = server.beside(database, [text]);
    measured[rule] = (await until(() => server.sql(database, wanted))).split('\n').includes(claimed[rule]) ? claimed[rule] : 'another';
    server.sql(database, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and pid <> pg_backend_pid()`);
    for (const child of [reader, writer]) await new Promise((resolve) => (child.exitCode === null ? child.on('close', resolve) : resolve()));
  };
  await waiting('vacuum-full', 'vacuum full t', 'select 1 from t');
  await waiting('concurrently-if-not-exists', 'create index concurrently if not exists i on t (a)', 'update t set a = a');
  const expected = Object.fromEntries(Object.entries(claimed).filter(([, lock]) => lock));
  assert.deepEqual(measured, expected);

  // What was left behind is invalid, and `if not exists` says nothing of it.
  const valid = "select indisvalid from pg_index where indexrelid = 'i'::regclass";
  assert.equal(server.sql(database, valid), 'f');
  server.sql(database, 'create index concurrently if not exists i on t (a)');
  assert.equal(server.sql(database, valid), 'f');

  // The others are about what outlives or breaks a transaction.
  const fails = (text) => {
    try {
      server.sql(database, text);
      return '';
    } catch (error) {
      return String(error.stderr);
    }
  };
  assert.match(fails("begin; alter type mood add value 'glad'; select 'glad'::mood; commit"), /unsafe use of new value/);
  assert.match(fails('begin; insert into u values (1); create index concurrently j on t (a); commit'), /cannot run inside a transaction block/);
  assert.equal(server.sql(database, 'begin; set search_path = pg_catalog; commit; show search_path'), 'pg_catalog');
  assert.equal(server.sql(database, "begin; set work_mem = '1MB'; commit; show work_mem"), '1MB');
  assert.equal(server.sql(database, "begin; set local work_mem = '1MB'; commit; show work_mem"), '4MB');
});
