// The check of migrations against PyPI's `squawk-cli`: all that it finds.

import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { fromVenv } from '../../scripts/lib/paths.mjs';
import { checkout, folder, step, write } from './harness.mjs';

const strict = Boolean(process.env.WAYBILL_STRICT);
const SQUAWK = fromVenv('squawk');
const missing = !existsSync(SQUAWK) && 'PyPI’s squawk-cli is not installed';

/** A file for each rule, in which squawk 2.68.0 finds it, and some more. */
const FILES = {
  'require-concurrent-index-creation': 'create index if not exists i on t (a);',
  'require-concurrent-index-deletion': 'drop index if exists i;',
  'constraint-missing-not-valid': 'alter table t add constraint c check (a > 0);',
  'adding-field-with-default': 'alter table t add column if not exists a uuid default gen_random_uuid();',
  'adding-foreign-key-constraint': 'alter table t add constraint c foreign key (a) references u (b);',
  'changing-column-type': 'alter table t alter column a type bigint;',
  'adding-not-nullable-field': 'alter table t alter column a set not null;',
  'adding-serial-primary-key-field': 'alter table t add column a bigint primary key;',
  'renaming-column': 'alter table t rename column a to b;',
  'renaming-table': 'alter table t rename to u;',
  'disallowed-unique-constraint': 'alter table t add constraint c unique (a);',
  'ban-drop-database': 'drop database if exists d;',
  'prefer-bigint-over-int': 'create table if not exists t1 (a int);',
  'prefer-bigint-over-smallint': 'create table if not exists t2 (a smallint);',
  'prefer-identity': 'create table if not exists t3 (a bigserial primary key);',
  'prefer-robust-stmts': 'select 1;\nalter table t drop column a;\ncreate index concurrently i on t (a);',
  'prefer-text-field': 'create table if not exists t4 (a varchar(9));',
  'prefer-timestamp-tz': 'create table if not exists t5 (a timestamp);',
  'ban-char-field': 'create table if not exists t6 (a char(9));',
  'ban-drop-column': 'alter table t drop column if exists a;',
  'ban-drop-table': 'drop table if exists t;',
  'ban-drop-not-null': 'alter table t alter column a drop not null;',
  'transaction-nesting': 'begin;\nselect 1;\ncommit;',
  'adding-required-field': 'alter table t add column if not exists a bigint not null;',
  'unused-ignore': '-- squawk-ignore no-such-rule\nselect 1;',
  'ban-create-domain-with-constraint': 'create domain d as text check (value > \'a\');',
  'ban-alter-domain-with-add-constraint': 'alter domain d add constraint c check (value > \'a\');',
  'ban-truncate-cascade': 'truncate t cascade;',
  'ban-uncommitted-transaction': 'begin;\nselect 1;',
  'require-enum-value-ordering': "alter type e add value if not exists 'x';",
  'require-table-schema': 'create table if not exists t7 (a bigint);',
  'identifier-too-long': `create table if not exists ${'n'.repeat(64)} (a bigint);`,
  'require-concurrent-partition-detach': 'alter table t detach partition p;',
  'require-concurrent-reindex': 'reindex table t;',
  'require-lock-timeout': 'alter table t add column if not exists b bigint;',
  'require-statement-timeout': 'alter table t add column if not exists c bigint;',
  'ban-duplicate-column-assignments': 'update t set a = 1, a = 2 where b;',
  'ban-drop-view': 'drop view if exists v;',
  'ban-drop-function': 'drop function if exists f();',
  'ban-drop-type': 'drop type if exists e;',
  'ban-drop-default': 'alter table t alter column a drop default;',
  'ban-drop-trigger': 'drop trigger if exists g on t;',
  'ban-drop-schema': 'drop schema if exists s;',
  'ban-drop-sequence': 'drop sequence if exists q;',
  'ban-drop-domain': 'drop domain if exists d;',
  'ban-drop-constraint': 'alter table t drop constraint if exists c;',
  'ban-drop-generated-expression': 'alter table t alter column a drop expression;',
  'renaming-object': 'alter view v rename to w;',
  'ban-set-schema': 'alter table t set schema s;',
  'ban-alter-identity': 'alter table t alter column a add generated always as identity;',
  'ban-drop-extension': 'drop extension if exists hstore;',
  'ban-alter-generated-expression': 'alter table t alter column a set expression as (b + 1);',
  'ban-drop-index': 'drop index concurrently if exists i;',
  'ban-set-default': 'alter table t alter column a set default 1;',
  'ban-disable-trigger': 'alter table t disable trigger g;',
  'ban-replica-identity': 'alter table t replica identity full;',
  'ban-drop-policy': 'drop policy if exists p on t;',
  'ban-revoke': 'revoke select on t from r;',
  'ban-replace-view-function': 'create or replace view v as select 1;',
  'ban-alter-policy-condition': 'alter policy p on t using (true);',
  'ban-alter-policy-roles': 'alter policy p on t to r;',
  'ban-create-policy': 'create policy p on t;',
  'ban-alter-function-options': 'alter function f() stable;',
  'ban-alter-view-options': 'alter view v set (security_barrier);',
  'ban-alter-role-options': 'alter role r set work_mem = 1;',
  'ban-alter-database-options': 'alter database d set work_mem = 1;',
  'ban-alter-row-level-security': 'alter table t enable row level security;',
  'ban-new-write-restriction': 'create trigger g before insert on t for each row execute function f();',
  'ban-add-enum-value': "alter type e add value if not exists 'x' before 'y';",
  'ban-add-composite-attribute': 'alter type y add attribute a int;',
  'ban-add-column': 'alter table t add column if not exists a bigint;',
  'ban-detach-inheritance': 'alter table t no inherit u;',
  'ban-alter-sequence-values': 'alter sequence q restart with 1;',
  'ban-alter-system-options': 'alter system set work_mem = 1;',
  'ban-alter-extension': 'alter extension hstore update;',
  'ban-concurrent-index-creation-in-transaction': 'begin;\ncreate index concurrently if not exists i on t (a);\ncommit;',
  'prefer-repack': 'vacuum full t;',
  'syntax-error': 'select 1;\nselect from where;',
  more: [
    'alter table t add a serial, add b int generated always as (c + 1) stored;',
    'create unique index i on only s.t (a); -- squawk-ignore-file prefer-robust-stmts',
    '-- squawk-ignore require-concurrent-index-creation, prefer-robust-stmts\r\ncreate index i on t (a);\r\ncreate index j on "T" (a);',
    'create table x1 (a int); create index i on x1 (a); alter table x1 add constraint c check (a > 1);',
    "create table x2 (😀 varchar(1), b timestamp without time zone); comment on table x2 is '😀'; alter table t rename a to b;",
    'do $$ begin alter table t add a int; end $$;\nalter table t add check (a) not valid;\nalter table t validate constraint c;',
  ].join('\n'),
};

const entries = Object.entries(FILES);
const number = (at) => String(at + 1).padStart(3, '0');
const OPT_IN = Object.keys(FILES).filter((rule) => !['more', 'syntax-error', 'unused-ignore'].includes(rule));

/** What squawk finds in a folder's files, as `file line rule`. It counts lines from 0. */
function squawk(where, names, inTransaction) {
  const include = OPT_IN.map((rule) => `--include=${rule}`);
  const words = ['--reporter=json', '--pg-version=19.0', ...include, ...(inTransaction ? ['--assume-in-transaction'] : []), ...names];
  const { stdout, stderr } = spawnSync(SQUAWK, words, { cwd: where, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ok(stdout.startsWith('['), stderr);
  return JSON.parse(stdout).map(({ file, line, rule_name: rule }) => `${path.basename(file)} ${line + 1} ${rule}`);
}

test('all that squawk finds on a file of each of its rules', { skip: !strict && missing }, async () => {
  const files = Object.fromEntries(entries.map(([rule, text], at) => [`${number(at)}_${rule}.sql`, text]));
  const where = folder('migrations');
  write(where, files);
  const apart = (text) => /concurrently|vacuum|alter system|drop database/i.test(text);
  const names = Object.keys(files);
  const found = [
    ...squawk(where, names.filter((name) => !apart(files[name])), true),
    ...squawk(where, names.filter((name) => apart(files[name])), false),
  ];
  const rules = new Set(found.map((line) => line.split(' ')[2]));
  const unseen = entries.map(([rule]) => rule).filter((rule) => rule !== 'more' && !rules.has(rule));
  assert.deepEqual(unseen, [], 'each file sets off its rule');

  const workspace = checkout(Object.fromEntries(names.map((name) => [`migrations/${name}`, files[name]])));
  const levels = OPT_IN.map((rule) => `${rule}: warning`).join('\n');
  const inputs = {
    'job-type': 'migrate-db',
    mode: 'plan',
    'lint-rules': levels,
    'lint-scope': 'all',
    'lint-postgres': '19',
    'fail-on': 'never',
    'sarif-output': 'found.sarif',
  };
  const result = await step(workspace, inputs);
  assert.equal(result.status, 0, result.summary);
  const sarif = JSON.parse(readFileSync(path.join(workspace, 'found.sarif'), 'utf8'));
  const ours = new Set(
    sarif.runs.flatMap(({ results }) =>
      results.map(({ ruleId, locations: [{ physicalLocation: place }] }) => {
        return `${path.basename(place.artifactLocation.uri)} ${place.region.startLine} ${ruleId}`;
      }),
    ),
  );
  const overlooked = found.filter((line) => !ours.has(line));
  assert.deepEqual(overlooked, []);
});
