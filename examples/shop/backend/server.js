import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { PRODUCTS } from './products.js';
import { problems } from './orders.js';

const PAGES = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/app.js', ['app.js', 'text/javascript']],
  ['/cart.js', ['cart.js', 'text/javascript']],
  ['/money.js', ['money.js', 'text/javascript']],
]);

async function bodyOf(request) {
  let text = '';
  for await (const piece of request) {
    text += piece;
    if (text.length > 65536) throw new SyntaxError('the order is too long');
  }
  return JSON.parse(text);
}

async function answer(request, response) {
  const send = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const page = request.method === 'GET' && PAGES.get(request.url);
  if (page) {
    const [file, type] = page;
    const content = await readFile(new URL(`../frontend/${file}`, import.meta.url));
    response.writeHead(200, { 'content-type': type }).end(content);
  } else if (request.method === 'GET' && request.url === '/products') {
    send(200, PRODUCTS);
  } else if (request.method === 'POST' && request.url === '/orders') {
    const wrong = problems(await bodyOf(request).catch(() => undefined));
    send(wrong.length > 0 ? 422 : 201, { problems: wrong });
  } else {
    send(404, { problems: ['there is nothing here'] });
  }
}

/** The shop's server, not yet listening. */
export const shop = () => createServer((request, response) => void answer(request, response));

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  shop().listen(process.env.PORT ?? 3000, '127.0.0.1', function listening() {
    console.log(`http://127.0.0.1:${this.address().port}`);
  });
}
