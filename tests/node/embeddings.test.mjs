// populate-embeddings through dist/: a real Qdrant engine, a stand-in of Cohere
// with its limits, and life stories, each held against what should be there.

import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { cohere, vectorOf } from './cohere.mjs';
import { checkout, commitAll, step, write } from './harness.mjs';
import { everything, missing, qdrant } from './qdrant.mjs';

const KEY = 'k'.repeat(40);
const DIMENSION = 256;
const skip = missing && !process.env.CI ? missing : false;

const GUIDE = `---
title: Guide
---
# Guide

Welcome to the shop.

## Install

Run the installer and wait for it.

## Pay

Pay with a card or by invoice.
`;
const FAQ = '# Questions\n\n## Refunds\n\nWithin thirty days.\n';

/** A workspace, a Qdrant and a Cohere, and a step that brings them together. */
async function world(context, { files = { 'docs/guide.md': GUIDE, 'docs/faq.md': FAQ }, api = {}, store = {} } = {}) {
  const service = await cohere({ key: KEY, ...api });
  context.after(() => service.close());
  const engine = await qdrant(store);
  context.after(() => engine.close());
  const workspace = checkout(files);
  let runs = 1000;
  const run = async (inputs = {}, options = {}) => {
    const before = service.texts.length;
    const done = await step(
      workspace,
      {
        'job-type': 'populate-embeddings',
        path: 'docs/**/*.md',
        source: 'docs',
        collection: 'shop',
        dimension: DIMENSION,
        'vector-database-url': engine.url,
        'cohere-api-url': service.url,
        'cohere-api-key': KEY,
        'base-url': 'https://shop.example.com',
        ...inputs,
      },
      { ...options, context: { GITHUB_RUN_ID: String(++runs), ...options.context } },
    );
    return { ...done, sent: service.texts.slice(before) };
  };
  return { service, engine, workspace, run };
}

const texts = (points) => points.map((point) => point.payload.text).sort();

/** That the collection holds exactly these texts, each with the vector of that text. */
async function holds(engine, wanted, { collection = 'shop', source = 'docs', model = 'embed-v4.0', dimension = DIMENSION } = {}) {
  const points = (await everything(engine, collection)).filter((point) => point.payload.source === source);
  assert.deepEqual(texts(points), [...wanted].sort());
  for (const { payload, vector } of points) {
    const right = vectorOf(payload.text, model, dimension);
    const likeness = right.reduce((sum, number, at) => sum + number * vector[at], 0);
    assert.ok(likeness > 0.999, `${payload.path}: the vector is of another text`);
  }
  return points;
}

const ALL = [
  '# Guide\n\nWelcome to the shop.',
  '## Install\n\nRun the installer and wait for it.',
  '## Pay\n\nPay with a card or by invoice.',
  '## Refunds\n\nWithin thirty days.',
];

test('documents become points, and a second run asks for nothing and writes nothing', { skip }, async (context) => {
  const { engine, run } = await world(context);
  const first = await run();
  assert.equal(first.status, 0, first.log);
  assert.deepEqual([...first.sent].sort(), ALL);
  const points = await holds(engine, ALL);
  const pay = points.find((point) => point.payload.text.startsWith('## Pay')).payload;
  assert.deepEqual(
    [pay.path, pay.title, pay.headings, pay.anchor, pay.url, pay.first_line, pay.last_line],
    ['docs/guide.md', 'Guide', ['Guide', 'Pay'], 'pay', 'https://shop.example.com/guide#pay', 12, 14],
  );
  const { chunks, embedded, reused, deleted, tokens } = first.outputs;
  assert.deepEqual([chunks, embedded, reused, deleted], ['4', '4', '0', '0']);
  assert.ok(Number(tokens) > 0);

  const before = (await engine.calls()).length;
  const second = await run();
  assert.equal(second.status, 0, second.log);
  assert.deepEqual(second.sent, []);
  assert.equal(second.outputs.reused, '4');
  const writes = (await engine.calls()).slice(before).filter((call) => !/^GET|scroll|count|query/.test(call));
  assert.deepEqual(writes, []);
});

test('only what changed is embedded, and what is gone goes', { skip }, async (context) => {
  const { engine, workspace, run } = await world(context);
  assert.equal((await run()).status, 0);
  const guide = path.join(workspace, 'docs', 'guide.md');

  // Edited.
  writeFileSync(guide, GUIDE.replace('by invoice', 'by transfer'));
  const edited = await run();
  assert.deepEqual(edited.sent, ['## Pay\n\nPay with a card or by transfer.']);
  assert.equal(edited.status, 0, edited.log);
  await holds(engine, [...ALL.filter((text) => !/Pay/.test(text)), edited.sent[0]]);

  // Something inserted above: only lines move.
  writeFileSync(guide, GUIDE.replace('## Install', '## Before\n\nMind the gap.\n\n## Install'));
  const inserted = await run({ 'max-delete': '50%' });
  assert.deepEqual([...inserted.sent].sort(), ['## Before\n\nMind the gap.', ALL[2]]);
  const points = await holds(engine, [...ALL, '## Before\n\nMind the gap.']);
  assert.equal(points.find((point) => /^## Install/.test(point.payload.text)).payload.first_line, 12);

  // Renamed: the vectors are there.
  const content = readFileSync(guide);
  rmSync(guide);
  writeFileSync(path.join(workspace, 'docs', 'handbook.md'), content);
  const renamed = await run({ 'max-delete': '100%' });
  assert.equal(renamed.status, 0, renamed.log);
  assert.deepEqual(renamed.sent, []);
  const moved = await holds(engine, [...ALL, '## Before\n\nMind the gap.']);
  assert.deepEqual([...new Set(moved.map((point) => point.payload.path))].sort(), ['docs/faq.md', 'docs/handbook.md']);

  // Removed.
  rmSync(path.join(workspace, 'docs', 'faq.md'));
  const removed = await run();
  assert.equal(removed.outputs.deleted, '1', removed.log);
  await holds(engine, [...ALL.slice(0, 3), '## Before\n\nMind the gap.']);
});

test('what would remove too much removes nothing', { skip }, async (context) => {
  const { engine, workspace, run } = await world(context);
  assert.equal((await run()).status, 0);
  rmSync(path.join(workspace, 'docs', 'guide.md'));
  const guarded = await run();
  assert.deepEqual([guarded.status, guarded.outputs.code], [1, 'WB7003']);
  await holds(engine, ALL);
  rmSync(path.join(workspace, 'docs', 'faq.md'));
  const none = await run();
  assert.deepEqual([none.status, none.outputs.code], [1, 'WB7002']);
  await holds(engine, ALL);
});

test('another source and a foreign writer are left alone', { skip }, async (context) => {
  const { engine, workspace, run } = await world(context);
  assert.equal((await run()).status, 0);
  write(workspace, { 'blog/one.md': '# One\n\nA post.\n' });
  commitAll(workspace);
  const blog = await run({ source: 'blog', path: 'blog/*.md' });
  assert.equal(blog.status, 0, blog.log);
  await holds(engine, ALL);
  await holds(engine, ['# One\n\nA post.'], { source: 'blog' });
  await engine.ask('PUT', 'collections/shop/points?wait=true', {
    points: [{ id: 7, vector: vectorOf('x', 'other', DIMENSION), payload: { anything: true } }],
  });
  writeFileSync(path.join(workspace, 'docs', 'faq.md'), FAQ.replace('thirty', 'forty'));
  assert.equal((await run()).status, 0);
  await holds(engine, ['# One\n\nA post.'], { source: 'blog' });
  assert.ok((await everything(engine, 'shop')).some((point) => point.id === 7));
});

test('a file that cannot be read keeps its chunks and fails the job at its end, at its line', { skip }, async (context) => {
  const { engine, workspace, run } = await world(context);
  assert.equal((await run()).status, 0);
  write(workspace, { 'docs/faq.md': '---\ntitle: [broken\n---\n# Q\n', 'docs/new.md': '# New\n\nMore.\n' });
  const broken = await run();
  assert.deepEqual([broken.status, broken.outputs.code], [1, 'WB7001'], broken.log);
  await holds(engine, [...ALL, '# New\n\nMore.']);
  const [annotation] = broken.annotations.filter((each) => each.file);
  assert.deepEqual([annotation.level, annotation.file, annotation.line], ['error', 'docs/faq.md', 3]);
});

test('another model builds a new collection beside the old one and moves the alias at the end', { skip }, async (context) => {
  const { engine, service, run } = await world(context);
  assert.equal((await run()).status, 0);
  const [before] = (await engine.ask('GET', 'aliases')).aliases;
  const changed = await run({ dimension: 512 });
  assert.equal(changed.status, 0, changed.log);
  assert.equal(changed.sent.length, 4);
  const [after] = (await engine.ask('GET', 'aliases')).aliases;
  assert.equal(after.alias_name, 'shop');
  assert.notEqual(after.collection_name, before.collection_name);
  await holds(engine, ALL, { dimension: 512 });
  await holds(engine, ALL, { collection: before.collection_name });
  // A run that breaks before the end leaves the alias where it is.
  const calls = service.calls.length;
  await engine.fault({ match: 'points/count', status: 500, times: 99 });
  const broken = await run({ dimension: 1024 });
  assert.equal(broken.status, 1, broken.log);
  assert.ok(service.calls.length >= calls);
  assert.deepEqual((await engine.ask('GET', 'aliases')).aliases, [after]);
});

test('a plan asks for no key, embeds nothing and writes nothing', { skip }, async (context) => {
  const { engine, workspace, run } = await world(context);
  assert.equal((await run()).status, 0);
  writeFileSync(path.join(workspace, 'docs', 'faq.md'), FAQ.replace('thirty', 'forty'));
  const before = (await engine.calls()).length;
  const plan = await run({ mode: 'plan', 'cohere-api-key': '' });
  assert.equal(plan.status, 0, plan.log);
  assert.deepEqual(plan.sent, []);
  assert.deepEqual([plan.outputs.embedded, plan.outputs.deleted, plan.outputs.reused], ['1', '1', '3']);
  assert.deepEqual((await engine.calls()).slice(before).filter((call) => !/^GET|scroll/.test(call)), []);
  const alone = await run({ mode: 'plan', 'cohere-api-key': '', 'vector-database-url': '', collection: '' });
  assert.deepEqual([alone.status, alone.outputs.embedded], [0, '4'], alone.log);
});

test('a text that the service does not take fails the job, and all others are stored', { skip }, async (context) => {
  const { engine, run } = await world(context, { api: { denied: (text) => text.includes('Refunds') } });
  const denied = await run();
  assert.deepEqual([denied.status, denied.outputs.code], [1, 'WB7010'], denied.log);
  const [alias] = (await engine.ask('GET', 'aliases')).aliases;
  assert.equal(alias, undefined);
  const [{ name }] = (await engine.ask('GET', 'collections')).collections;
  await holds(engine, ALL.slice(0, 3), { collection: name });
});

test('a budget and a refused key stop the job before it spends', { skip }, async (context) => {
  const { service, run } = await world(context);
  const poor = await run({ budget: '5' });
  assert.deepEqual([poor.status, poor.outputs.code, service.calls.length], [1, 'WB7004', 0], poor.log);
  const wrong = await run({ 'cohere-api-key': 'w'.repeat(40) });
  assert.deepEqual([wrong.status, wrong.outputs.code, service.calls.length], [1, 'WB7006', 1], wrong.log);
});
