// Artifacts for the deploy jobs' tests: a tree, packed as builds pack it.

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

const BLOCK = 512;

const fits = (text) => /^[\x20-\x7e]{0,100}$/.test(text);
/** As much of a name as a header holds: the rest stands in a PAX header. */
const plain = (text) => [...text].map((each) => (each.charCodeAt(0) < 128 ? each : '?')).join('').slice(0, 100);

function record(key, value) {
  const rest = Buffer.byteLength(`${key}${value}`) + 3;
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** The PAX header before a member whose names need one. */
function pax(name, link) {
  const records = Buffer.from([['path', name], ['linkpath', link]].map(([key, text]) => (fits(text) ? '' : record(key, text))).join(''));
  if (records.length === 0) return [];
  const padding = Buffer.alloc((BLOCK - (records.length % BLOCK)) % BLOCK);
  return [header('././@PaxHeader', 0, records.length, 'x'), records, padding];
}

function header(name, mode, size, type, link = '') {
  const block = Buffer.alloc(BLOCK);
  const octal = (value, digits) => value.toString(8).padStart(digits, '0');
  block.write(plain(name), 0, 'latin1');
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(type, 156);
  if (link) block.write(plain(link), 157, 'latin1');
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
    pax(path, file.link ?? '').forEach(add);
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

const sha = (name, bytes) => createHash(name).update(bytes).digest('hex');

/** Objects with sorted keys and no blanks (RFC 8785, for what has no fractions). */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** The waybill of a packed frontend, as a build writes it; and its digest. */
export function waybill(archive, files, { commit, environments, repositoryId = '1000', clean = true, now = Date.now() }) {
  const jobId = sha('sha256', 'a build');
  const checksum = sha('sha256', archive);
  const id = ['artifact', jobId, 'frontend-build', checksum].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  const list = Object.keys(files)
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map((path) => {
      const file = typeof files[path] === 'object' ? files[path] : { text: files[path] };
      const bytes = Buffer.from(file.link ?? file.run ?? file.text);
      const mode = file.link !== undefined ? '0777' : file.run !== undefined ? '0755' : '0644';
      const link = file.link === undefined ? {} : { link: file.link };
      return { ...link, mode, path, sha1: sha('sha1', bytes), sha256: sha('sha256', bytes), size: bytes.length };
    });
  const date = (time) => new Date(time).toISOString();
  const text = canonical({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'urn:waybill:artifact:v1',
    subject: [{ name: 'frontend.tar', digest: { sha256: checksum } }],
    predicate: {
      artifact: {
        id: sha('sha256', id),
        artifactType: 'frontend-build',
        storagePath: 'artifacts/7001/1/frontend/frontend.tar',
        size: archive.length,
        checksum,
        createdAt: date(now - 1000),
        expiresAt: date(now + 3_600_000),
        jobId,
      },
      build: { attempt: '1', event: 'push', job: 'build', jobId, run: '7001' },
      files: list,
      image: null,
      source: { repository: 'example/shop', repositoryId, commit, ref: 'main', clean },
      target: { bakedUrls: {}, environment: environments[0], environments },
    },
  });
  return { text, digest: sha('sha256', text) };
}
