// The second implementation of the runner's parser is itself worth a look.

import assert from 'node:assert/strict';
import test from 'node:test';

import { annotationOf, readCommand, readEntries, readPrinted } from './runner.mjs';

test('a command is read in both forms, and nothing else is', () => {
  const cases = [
    ['::error::no', { name: 'error', properties: {}, data: 'no' }],
    ['  ::ERROR file=a%2Cb,line=3::1%25%0Ax', { name: 'error', properties: { file: 'a,b', line: '3' }, data: '1%\nx' }],
    ['::error title=,file=a=b::x::y', { name: 'error', properties: { file: 'a=b' }, data: 'x::y' }],
    ['::notice::%250A', { name: 'notice', properties: {}, data: '%0A' }],
    ['text ##[error]old', { name: 'error', properties: {}, data: 'old' }],
    ['##[warning file=a;line=2]%5D', { name: 'warning', properties: { file: 'a', line: '2' }, data: ']' }],
    ['x ::error::no', undefined],
    ['::unknown::x', undefined],
    ['::error', undefined],
    ['##[error', undefined],
  ];
  for (const [line, command] of cases) assert.deepEqual(readCommand(line), command, line);
});

test('places that do not fit together are dropped', () => {
  const place = (properties) => {
    const { level, message, ...rest } = annotationOf({ name: 'error', properties, data: 'x' });
    assert.deepEqual([level, message], ['error', 'x']);
    return rest;
  };
  assert.deepEqual(place({ endline: '3' }), { line: 3, endLine: 3 });
  assert.deepEqual(place({ col: '3' }), {});
  assert.deepEqual(place({ line: '1', endline: '2', col: '3' }), { line: 1, endLine: 2 });
  assert.deepEqual(place({ line: '4', endline: '2' }), {});
  assert.deepEqual(place({ line: '4', col: '9', endcolumn: '2' }), { line: 4, endLine: 4 });
  assert.deepEqual(place({ line: '4', col: '2', endcolumn: '9' }), { line: 4, endLine: 4, column: 2, endColumn: 9 });
});

test('stopped commands are text until the token comes', () => {
  const { log, annotations, faults } = readPrinted('::stop-commands::T1\n::error::a\r##[error]b\n::t1::\n::error::c\n');
  assert.deepEqual(faults, []);
  assert.deepEqual(annotations, [{ level: 'error', message: 'c' }]);
  assert.deepEqual(
    log.map((entry) => entry.text),
    ['::error::a', '##[error]b', 'c'],
  );
});

test('a lone carriage return begins a line', () => {
  assert.deepEqual(readPrinted('x\r::error::a').annotations.length, 1);
});

test('ten annotations of a level are kept', () => {
  const { annotations, dropped } = readPrinted('::error::a\n::notice::b\n'.repeat(12));
  assert.deepEqual([annotations.length, dropped.length], [20, 4]);
});

test('entries are read in both forms', () => {
  const entries = [
    ['a', 'b<<c'],
    ['d', 'x=1\n\ny'],
    ['f', ''],
  ];
  assert.deepEqual(readEntries('a=b<<c\n\nd<<E\nx=1\n\ny\nE\nf<<E\nE\n'), entries);
  for (const bad of ['=x\n', 'x\n', 'x<<\n', 'x<<E\ny\n', '<<E\nE\n', 'x<<E\r\ny\nE\n']) {
    assert.throws(() => readEntries(bad), bad);
  }
});
