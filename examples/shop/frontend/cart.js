import { share, show } from './money.js';

const FREE_SHIPPING_FROM = 5000;
const SHIPPING = 490;

/** What is in the cart: a list of `{ product, count }`. */
export class Cart {
  #lines = new Map();

  add(product, count = 1) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`cannot add ${count} of ${product.name}`);
    const before = this.#lines.get(product.id)?.count ?? 0;
    this.#lines.set(product.id, { product, count: before + count });
  }

  remove(product) {
    this.#lines.delete(product.id);
  }

  get lines() {
    return [...this.#lines.values()];
  }

  /** All amounts in cents; `discount` in percent of the goods. */
  total({ discount = 0 } = {}) {
    const goods = this.lines.reduce((sum, line) => sum + line.product.price * line.count, 0);
    const reduced = goods - share(goods, discount);
    const shipping = goods === 0 || reduced >= FREE_SHIPPING_FROM ? 0 : SHIPPING;
    return { goods, reduced, shipping, toPay: reduced + shipping };
  }
}
