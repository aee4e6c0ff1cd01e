// A real PostgreSQL in a temporary folder: its own user where we are root, a
// free loopback port, a certificate of its own, stopped by its process.

import net from 'node:net';
import path from 'node:path';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { folder } from './harness.mjs';

/** Where distributions put the server's programs. */
function binaries() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((one, other) => Number(other) - Number(one)) : [];
  const places = [...versions.map((version) => path.join(root, version, 'bin')), ...(process.env.PATH ?? '').split(path.delimiter)];
  return places.find((place) => existsSync(path.join(place, 'initdb')) && existsSync(path.join(place, 'postgres')));
}

/** Why there is no server to test with; undefined where there is one. */
export function missing() {
  if (process.platform === 'win32') return 'PostgreSQL is tested on Unix only';
  if (!binaries()) return 'PostgreSQL is not installed';
  if (process.getuid() === 0 && !account()) return 'the server does not run as root, and there is no user `postgres`';
  return undefined;
}

/** What a test is given: a skip with its name, or in a build service a failure. */
export function needed() {
  const reason = missing();
  if (reason && process.env.WAYBILL_STRICT) throw new Error(reason);
  return { skip: reason ?? false };
}

function account() {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  return line && { uid: Number(line[1]), gid: Number(line[2]) };
}

/** A port of this machine that nobody uses. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGQUIT');
});

/** Starts a server of this machine as its own user; ends with this process. */
export function startServer(program, words, env = {}) {
  const who = process.getuid() === 0 ? account() : {};
  const child = spawn(program, words, { ...who, env: { PATH: process.env.PATH, LC_ALL: 'C', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (child.said += piece));
  child.ended = new Promise((resolve) => child.on('close', (...how) => { running.delete(child); resolve(how); }));
  return child;
}

/** A random word, so that no literal looks like a password. */
export const word = () => `pw-${Math.random().toString(36).slice(2)}`;

/** Gives a file to the server's user. */
function give(file, mode) {
  const who = process.getuid() === 0 ? account() : undefined;
  if (who) chownSync(file, who.uid, who.gid);
  chmodSync(file, mode);
}

/**
 * A cluster with the user `app` (SCRAM), TLS by an authority of its own, and no
 * database but `postgres`. `hba` are lines in front of the default ones.
 */
export async function cluster({ hba = [], settings = {} } = {}) {
  const where = folder('cluster');
  const password = word();
  const programs = binaries();
  const data = path.join(where, 'data');
  const secret = path.join(where, 'password');
  writeFileSync(secret, password);
  chmodSync(path.dirname(where), 0o755);
  give(where, 0o700);
  give(secret, 0o600);
  const who = process.getuid() === 0 ? account() : {};
  const quiet = { ...who, env: { PATH: process.env.PATH, LC_ALL: 'C' }, stdio: 'pipe', cwd: where };
  const words = ['-D', data, '-U', 'app', '--pwfile', secret, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(path.join(programs, 'initdb'), words, quiet);
  const tls = certificates(where);
  for (const name of ['server.crt', 'server.key']) {
    writeFileSync(path.join(data, name), readFileSync(path.join(tls, name)));
    give(path.join(data, name), 0o600);
  }
  const port = await freePort();
  const base = { listen_addresses: '127.0.0.1', port, unix_socket_directories: where, fsync: 'off', ssl: 'on', max_connections: 100, log_min_messages: 'warning', ...settings };
  appendFileSync(path.join(data, 'postgresql.conf'), Object.entries(base).map(([key, value]) => `${key} = '${value}'\n`).join(''));
  if (hba.length > 0) {
    const file = path.join(data, 'pg_hba.conf');
    writeFileSync(file, `${hba.join('\n')}\n${readFileSync(file, 'utf8')}`);
  }
  const server = {
    port,
    password,
    where,
    authority: path.join(tls, 'ca.crt'),
    url: (database, more = '') => `postgresql://app:${password}@127.0.0.1:${port}/${database}${more}`,
    async start() {
      server.child = startServer(path.join(programs, 'postgres'), ['-D', data]);
      for (let tries = 0; ; tries++) {
        if (spawnSync(path.join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0) return;
        if (tries > 300) throw new Error(`the server does not start: ${server.child.said}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async stop(signal = 'SIGINT') {
      server.child?.kill(signal);
      await server.child?.ended;
    },
    /** Runs SQL by psql; rows as lines, columns separated by `|`. */
    sql(database, text, options = {}) {
      const words = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', String(port), '-U', 'app', '-d', database];
      const env = { PATH: process.env.PATH, PGPASSWORD: password, PGAPPNAME: options.name ?? 'psql', LC_ALL: 'C' };
      return execFileSync(path.join(programs, 'psql'), [...words, '-c', text], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
    },
    /** Runs statements by psql beside, one after the other; ends with them, or when it is killed. */
    beside(database, statements) {
      const each = statements.flatMap((statement) => ['-c', statement]);
      const words = ['-X', '-q', '-h', '127.0.0.1', '-p', String(port), '-U', 'app', '-d', database, ...each];
      return spawn(path.join(programs, 'psql'), words, { env: { PATH: process.env.PATH, PGPASSWORD: password, PGAPPNAME: 'beside' }, stdio: 'ignore' });
    },
    /** A new database. */
    database(name) {
      server.sql('postgres', `create database ${name}`);
      return name;
    },
  };
  await server.start();
  return server;
}

/** An authority and a certificate for `localhost` and `127.0.0.1` of it. */
function certificates(where) {
  const openssl = (...words) => execFileSync('openssl', words, { cwd: where, stdio: 'pipe' });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256', '-days', '2', '-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256', '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  writeFileSync(path.join(where, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-sha384', '-days', '2', '-extfile', 'names', '-out', 'server.crt');
  return where;
}
