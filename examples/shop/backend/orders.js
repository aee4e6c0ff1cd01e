import { PRODUCTS } from './products.js';

/** Everything that is wrong with an order, in words; an empty list when nothing is. */
export function problems(order) {
  if (!Array.isArray(order?.lines) || order.lines.length === 0) return ['an order has at least one line'];
  return order.lines.flatMap((line, index) => {
    const product = PRODUCTS.find((each) => each.id === line.id);
    if (!product) return [`line ${index + 1}: there is no product ${line.id}`];
    if (!Number.isInteger(line.count) || line.count < 1) return [`line ${index + 1}: ${line.count} is not a count`];
    if (line.count > product.stock) return [`line ${index + 1}: only ${product.stock} of ${product.name} are left`];
    return [];
  });
}
