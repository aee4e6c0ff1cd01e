// What users see while a deployment fails: the production domain, asked every 50 ms from outside.

import assert from 'node:assert/strict';
import test from 'node:test';

import { deployment, said } from './deployment.mjs';

async function watched(made, run) {
  const seen = [];
  let over = false;
  const url = `http://${made.service.state.domains[0]}/version.json`;
  const watch = (async () => {
    while (!over) {
      const begun = Date.now();
      try {
        const answer = await fetch(url, { headers: { connection: 'close' } });
        seen.push(`${answer.status} ${(await answer.json()).version}`);
      } catch (error) {
        seen.push(String(error.cause ?? error));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - (Date.now() - begun))));
    }
  })();
  const result = await run();
  over = true;
  await watch;
  return { result, seen };
}

test('a broken deployment leaves the old version up, without one bad answer', async (context) => {
  const sick = (each) => each.meta.waybillDeployment && { status: 500, body: '{"version":"broken"}' };
  const made = await deployment(context, { sick });
  const { result, seen } = await watched(made, () => made.run());
  assert.equal(result.status, 1, said(result));
  assert.ok(seen.length > 20, `${seen.length} looks`);
  assert.deepEqual([...new Set(seen)], ['200 old']);
  context.diagnostic(`${seen.length} looks from outside, none bad`);
});

test('a healthy one takes over without one bad answer', async (context) => {
  const made = await deployment(context);
  const { result, seen } = await watched(made, () => made.run());
  assert.equal(result.status, 0, said(result));
  assert.deepEqual([...new Set(seen)], ['200 old', `200 ${made.commit}`].slice(0, new Set(seen).size));
});
