// What every bench needs: rounds in which each contender runs once, so that
// whatever else the machine does falls on all of them, and one kind of table.

import { spawnSync } from 'node:child_process';

const ROUNDS = Number(process.env.WAYBILL_BENCH_ROUNDS ?? 21);
const WARM_UP = 2;

/**
 * Times programs, in milliseconds from start to end. `contenders` are names
 * with a function that prepares one run, outside of the time that is taken:
 * `{ program, arguments, cwd, env, status, check }`; `check(result)` throws if the
 * run did not do what it should, and so does another exit status than `status`,
 * by default 0. The order turns from round to round.
 */
export function timePrograms(contenders, rounds = ROUNDS) {
  const names = Object.keys(contenders);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const turn = (round + WARM_UP) % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const { program, arguments: given, cwd, env, status = 0, check } = contenders[name]();
      const begun = process.hrtime.bigint();
      const result = spawnSync(program, given, { cwd, env, encoding: 'utf8', windowsHide: true });
      const taken = Number(process.hrtime.bigint() - begun) / 1e6;
      if (result.error) throw result.error;
      if (result.status !== status) throw new Error(`${name} ended with ${result.status}:\n${result.stdout}${result.stderr}`);
      check?.(result);
      if (round >= 0) times[name].push(taken);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spread(times[name])]));
}

/** Least, middle and greatest of some numbers. */
export function spread(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1) };
}

/** A goal: what was wanted, in words, what was found, and whether that is enough. */
export const goal = (wanted, found, met) => ({ wanted, found, met });

/** Prints a table: a `title`, a `head` of names, `rows` of cells, and `goals`. */
export function printTable({ title, head, rows, goals = [] }) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ');
  console.log(`\n${title}`);
  for (const row of all) console.log(`  ${line(row).trimEnd()}`);
  for (const { wanted, found, met } of goals) console.log(`  goal ${met ? 'met' : 'MISSED'}: ${wanted}; found ${found}`);
}
