/** What the shop sells; prices in cents. */
export const PRODUCTS = [
  { id: 'mug', name: 'Mug', price: 1250, stock: 40 },
  { id: 'teapot', name: 'Teapot', price: 3490, stock: 3 },
  { id: 'tea', name: 'Tea, 100 g', price: 795, stock: 120 },
];
