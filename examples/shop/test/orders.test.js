import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { problems } from '../backend/orders.js';
import { shop } from '../backend/server.js';

describe('orders', () => {
  it('names every line that cannot be sold', () => {
    const order = { lines: [{ id: 'tea', count: 2 }, { id: 'teapot', count: 4 }, { id: 'hat', count: 1 }] };
    assert.deepEqual(problems(order), ['line 2: only 3 of Teapot are left', 'line 3: there is no product hat']);
  });

  it('refuses an order without lines', () => {
    for (const order of [undefined, null, {}, { lines: [] }]) assert.equal(problems(order).length, 1);
  });
});

describe('server', () => {
  const server = shop();
  before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  const order = async (body) => (await fetch(at('/orders'), { method: 'POST', body })).status;

  it('sells what it shows', async () => {
    const [first] = await (await fetch(at('/products'))).json();
    assert.equal(await order(JSON.stringify({ lines: [{ id: first.id, count: 1 }] })), 201);
  });

  it('refuses what is not an order', async () => {
    assert.equal(await order('not JSON'), 422);
    assert.equal((await fetch(at('/admin'))).status, 404);
  });
});
