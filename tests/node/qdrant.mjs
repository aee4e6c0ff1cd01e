// Qdrant's REST surface over the real engine, as a process of its own on loopback.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { spawn, spawnSync } from 'node:child_process';

import { PROJECT, fromVenv } from '../../scripts/lib/paths.mjs';
import { folder } from './harness.mjs';

const PYTHON = fromVenv('python');

/** Why it cannot be had here; undefined where it can. */
export const missing = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import qdrant_edge']).status === 0
  ? undefined
  : 'the engine (qdrant-edge-py) is not installed';

/** Starts it. Gives `url`, `ask` (a request's result), `calls`, `fault` and `close`. */
export async function qdrant({ key } = {}) {
  const place = folder('qdrant');
  const server = path.join(PROJECT, 'tests', 'servers', 'qdrant.py');
  const child = spawn(PYTHON, [server, place, ...(key ? [key] : [])], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve([line]));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  const ask = async (method, where, body) => {
    const headers = { 'content-type': 'application/json', ...(key ? { 'api-key': key } : {}) };
    const response = await fetch(`${url}/${where}`, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${JSON.stringify(answer)}`);
    return answer.result;
  };
  const raw = async (where, body) =>
    (await fetch(`${url}/${where}`, body ? { method: 'POST', body: JSON.stringify(body) } : {})).json();
  return {
    url,
    ask,
    calls: () => raw('__calls'),
    fault: (...faults) => raw('__faults', faults),
    close: () => child.kill(),
  };
}

/** Every point of a collection, with vectors, by id. */
export async function everything(server, collection) {
  const points = [];
  for (let offset; offset !== null; ) {
    const page = await server.ask('POST', `collections/${collection}/points/scroll`, {
      limit: 1000,
      with_payload: true,
      with_vector: true,
      ...(offset === undefined ? {} : { offset }),
    });
    points.push(...page.points);
    offset = page.next_page_offset;
  }
  return points;
}
