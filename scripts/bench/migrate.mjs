// How long 500 small migrations take on a local PostgreSQL, and with a network
// in between, against dbmate.

import path from 'node:path';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { DIST, PROJECT, fromNpm } from '../lib/paths.mjs';
import { cleanEnvironment } from '../lib/run.mjs';
import { checkout, environmentOf } from '../../tests/node/harness.mjs';
import { cluster, missing } from '../../tests/node/postgres.mjs';
import { goal, timePrograms } from './support.mjs';

export const about = '500 small migrations, in milliseconds';

const COUNT = 500;
// On each way: a round trip takes twice as long.
const DELAY_MS = 10;
const LOCAL_LIMIT = 0.7;
const REMOTE_LIMIT = 0.25;

/** A table for the local server, and one for the network. */
export async function bench() {
  const dbmate = fromNpm('@dbmate', `${process.platform}-${process.arch}`, 'bin', 'dbmate');
  const lacking = missing() ?? (existsSync(dbmate) ? undefined : 'dbmate is not installed');
  if (lacking) throw new Error(lacking);
  const server = await cluster();
  const files = {};
  for (let at = 1; at <= COUNT; at++) {
    const number = String(20240000000000 + at);
    files[`migrations/${number}_t${at}.sql`] =
      `-- migrate:up\ncreate table t${at} (id bigint primary key, name text not null);\n\n-- migrate:down\ndrop table t${at};\n`;
  }
  const workspace = checkout(files);
  const far = spawn(process.execPath, [path.join(PROJECT, 'scripts', 'bench', 'delay.mjs'), String(server.port), String(DELAY_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [printed] = await once(far.stdout, 'data');
    const local = measure(server, server.port, workspace, dbmate, 5);
    const remote = measure(server, Number(printed), workspace, dbmate, 3);
    return [
      table(`${COUNT} migrations, the server on this machine`, local, LOCAL_LIMIT),
      table(`${COUNT} migrations, ${2 * DELAY_MS} ms of round trip`, remote, REMOTE_LIMIT),
    ];
  } finally {
    far.kill();
    await server.stop();
  }
}

let databases = 0;

function measure(server, port, workspace, dbmate, rounds) {
  const fresh = () => {
    const name = server.database(`bench_${++databases}`);
    return { name, url: server.url(name, '?sslmode=disable').replace(`:${server.port}/`, `:${port}/`) };
  };
  const whole = (name) => () => {
    const count = server.sql(name, "select count(*) from pg_class where relkind = 'r' and relname ~ '^t[0-9]+$'");
    if (count !== String(COUNT)) throw new Error(`${count} tables`);
  };
  return timePrograms(
    {
      waybill: () => {
        const { name, url } = fresh();
        const { env } = environmentOf(workspace, { 'job-type': 'migrate-db', 'database-url': url });
        const main = path.join(process.env.WAYBILL_DIST || DIST, 'main.cjs');
        return { program: process.execPath, arguments: [main], cwd: workspace, env, check: whole(name) };
      },
      dbmate: () => {
        const { name, url } = fresh();
        const words = ['--url', url, '--migrations-dir', 'migrations', '--no-dump-schema', 'up'];
        return { program: dbmate, arguments: words, cwd: workspace, env: cleanEnvironment(), check: whole(name) };
      },
    },
    rounds,
  );
}

function table(title, times, limit) {
  const ratio = times.waybill.median / times.dbmate.median;
  const rows = Object.entries(times).map(([name, { min, median, max }]) => [name, ...[min, median, max].map((time) => time.toFixed(0))]);
  return {
    title,
    head: ['', 'least', 'median', 'most'],
    rows,
    goals: [goal(`at most ${limit} of dbmate's time`, ratio.toFixed(2), ratio <= limit)],
  };
}
