import { Cart } from './cart.js';
import { show } from './money.js';

const cart = new Cart();
const shelf = document.querySelector('#shelf');
const basket = document.querySelector('#basket');

function row(product, label, act) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  item.append(`${product.name}, ${show(product.price)} `, button);
  button.append(label);
  button.addEventListener('click', () => {
    act(product);
    paint();
  });
  return item;
}

function paint() {
  const { shipping, toPay } = cart.total();
  const lines = cart.lines.map(({ product }) => row(product, 'remove', (each) => cart.remove(each)));
  basket.replaceChildren(...lines, `To pay: ${show(toPay)} (shipping ${show(shipping)})`);
}

const products = await (await fetch('/products')).json();
shelf.replaceChildren(...products.map((product) => row(product, 'add', (each) => cart.add(each))));
paint();
