// Artifacts for the deploy jobs' tests: a tree, packed as builds pack it.

import { Buffer } from 'node:buffer';

const BLOCK = 512;

function header(name, mode, size, type, link = '') {
  const block = Buffer.alloc(BLOCK);
  const octal = (value, digits) => value.toString(8).padStart(digits, '0');
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(type, 156);
  if (link) block.write(link, 157);
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return block;
}

/** A tar of files, given as path and content; `{link}` is a symbolic link, `{run}` may be executed. */
export function tar(files) {
  const parts = [];
  let length = 0;
  const add = (part) => {
    parts.push(part);
    length += part.length;
  };
  const paths = Object.keys(files).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  for (const path of paths) {
    // A plain text has a method `link`.
    const file = typeof files[path] === 'object' ? files[path] : { text: files[path] };
    if (file.link !== undefined) {
      add(header(path, 0o777, 0, '2', file.link));
      continue;
    }
    const bytes = Buffer.from(file.run ?? file.text);
    add(header(path, file.run === undefined ? 0o644 : 0o755, bytes.length, '0'));
    add(bytes);
    add(Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  const end = Math.ceil((length + 2 * BLOCK) / (20 * BLOCK)) * 20 * BLOCK - length;
  add(Buffer.alloc(end));
  return Buffer.concat(parts);
}

/** A small site that says which version it is. */
export function site(version, more = {}) {
  return {
    'config.json': '{"version":3}',
    'static/index.html': `<!doctype html><title>Shop</title><p>version ${version}`,
    'static/version.json': JSON.stringify({ version }),
    ...more,
  };
}
