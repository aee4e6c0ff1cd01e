import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Cart } from '../frontend/cart.js';
import { share, show } from '../frontend/money.js';

const mug = { id: 'mug', name: 'Mug', price: 1250 };
const tea = { id: 'tea', name: 'Tea', price: 795 };

describe('money', () => {
  it('shows cents', () => {
    assert.equal(show(1905), '19.05 €');
    assert.equal(show(-5), '-0.05 €');
  });

  it('rounds a share to whole cents', () => {
    assert.equal(share(795, 15), 119);
    assert.equal(share(1250, 15), 188);
  });
});

describe('cart', () => {
  it('is empty at first, and an empty one costs nothing', () => {
    assert.deepEqual(new Cart().total(), { goods: 0, reduced: 0, shipping: 0, toPay: 0 });
  });

  it('adds the same product twice on one line', () => {
    const cart = new Cart();
    cart.add(mug);
    cart.add(mug, 2);
    assert.deepEqual(cart.lines, [{ product: mug, count: 3 }]);
  });

  it('adds shipping below the limit', () => {
    const cart = new Cart();
    cart.add(tea);
    assert.equal(cart.total().toPay, 1285);
  });

  it('ships free from the limit on, after the discount', () => {
    const cart = new Cart();
    cart.add(mug, 4);
    assert.equal(cart.total().shipping, 0);
    assert.equal(cart.total({ discount: 10 }).shipping, 490);
  });

  it('refuses a count that is none', () => {
    assert.throws(() => new Cart().add(mug, 0), RangeError);
  });

  it.todo('remembers the basket over a visit');
});
