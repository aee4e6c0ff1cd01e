// A stand-in for Cohere's embedding endpoint, on loopback: its limits, its
// words, its bill. Vectors are made of the text's words, so that like texts are
// near to one another and the same text always has the same vector.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const MODELS = { 'embed-v4.0': [256, 512, 1024, 1536], 'embed-english-v3.0': [1024], 'embed-multilingual-light-v3.0': [384] };

/** The vector of a text: a direction for each word, added up. */
export function vectorOf(text, model, dimension) {
  const vector = new Array(dimension).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    const hash = createHash('sha256').update(`${model} ${word}`).digest();
    for (let at = 0; at < 8; at++) {
      vector[hash.readUInt32LE(at * 4) % dimension] += hash[at] < 128 ? 1 : -1;
    }
  }
  if (vector.every((number) => number === 0)) vector[0] = 1;
  const norm = Math.hypot(...vector);
  return vector.map((number) => Math.fround(number / norm));
}

/**
 * Starts it. `key` is the one that it takes; `perMinute` texts a minute are
 * allowed, in a bucket that begins full; `fail` decides by a call, with its
 * number from 1, on another answer `[status, body, headers]`. Gives `url`,
 * `calls`, `texts` (all that were embedded) and `close`.
 */
export async function cohere({ key, perMinute = Infinity, longest = 128_000, denied = () => false, fail = () => undefined } = {}) {
  const calls = [];
  const texts = [];
  let level = perMinute;
  let filled = Date.now();
  const server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const call = { method: request.method, path: request.url, headers: request.headers, at: Date.now() };
    calls.push(call);
    let [status, answer, headers = {}] = respond(call, Buffer.concat(pieces).toString());
    call.status = status;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });

  function respond(call, text) {
    const refuse = (status, message) => [status, { id: 'a-request', message }];
    const other = fail(call, calls.length);
    if (other) return other;
    const given = call.headers.authorization;
    if (!given) return refuse(401, 'no api key supplied');
    if (given !== `Bearer ${key}`) return refuse(401, 'invalid api token');
    if (call.method !== 'POST' || call.path !== '/v2/embed') return refuse(404, 'not found');
    const body = JSON.parse(text);
    call.body = body;
    const dimensions = MODELS[body.model];
    if (!dimensions) return refuse(404, `model '${body.model}' not found, make sure the correct model ID was used`);
    if (!body.input_type) return refuse(400, 'invalid request: valid input_type must be provided with the provided model');
    if (!body.embedding_types?.length) return refuse(400, 'invalid request: embedding_types parameter is required');
    if (body.texts.length > 96) {
      return refuse(400, `invalid request: total number of texts must be at most 96 - received ${body.texts.length}`);
    }
    const empty = body.texts.indexOf('');
    if (empty >= 0) return refuse(400, `invalid request: inputs contains an element that is the empty string at index ${empty}`);
    const tokens = body.texts.map((each) => Math.ceil(each.length / 4.5));
    if (body.truncate === 'NONE' && tokens.some((count) => count > longest)) {
      return refuse(400, 'invalid request: too many tokens: the total number of tokens in the text exceeds the limit');
    }
    if (body.texts.some(denied)) return refuse(498, 'blocked input');
    const now = Date.now();
    level = Math.min(perMinute, level + ((now - filled) * perMinute) / 60_000);
    filled = now;
    if (level < body.texts.length) return refuse(429, 'You are past the per minute request limit, please wait and try again later.');
    level -= body.texts.length;
    const dimension = body.output_dimension ?? dimensions.at(-1);
    if (!dimensions.includes(dimension)) return refuse(400, 'invalid request: output_dimension is not supported by this model');
    texts.push(...body.texts);
    const float = body.texts.map((each) => vectorOf(each, body.model, dimension));
    const billed = tokens.reduce((sum, count) => sum + count, 0);
    const meta = { api_version: { version: '2', is_experimental: false }, billed_units: { input_tokens: billed } };
    return [200, { id: 'a-request', embeddings: { float }, texts: body.texts, meta, response_type: 'embeddings_by_type' }];
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}`, calls, texts, close };
}
