// A stand-in for the run's artifact service (Twirp with JSON) and for the blobs
// behind its signed URLs, as strict as the real ones where a runner on a desk
// is not: it checks tokens, signatures, block ids, the list of blocks, size and
// digest, and when an artifact expires. What is not finished is not listed.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const LARGEST_BLOCK = 100 << 20;
const KNOWN = {
  CreateArtifact: ['name', 'version', 'expires_at', 'mime_type'],
  FinalizeArtifact: ['name', 'size', 'hash'],
  ListArtifacts: ['name_filter', 'id_filter'],
  GetSignedArtifactURL: ['name'],
  DeleteArtifact: ['name'],
};

/** The token that a runner hands to the jobs of a run. */
export function runtimeToken(run = 'run-7001', job = 'job-1') {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { scp: `Actions.ExampleScope Actions.Results:${run}:${job}`, exp: 4102444800 };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${randomBytes(9).toString('base64url')}`;
}

/**
 * Starts it. `snake` answers with keys in snake case; `twist(call, answer)` may
 * change `[status, body]`; `digests: false` says none in its list;
 * `keep: false` forgets what is finished. Gives `url`,
 * `calls`, `artifacts` by name, the `environment` of a step, and `close`.
 */
export async function artifactService({ snake = false, twist = (call, answer) => answer, digests = true, keep = true } = {}) {
  const secret = randomBytes(16);
  const token = runtimeToken();
  const artifacts = new Map();
  const calls = [];
  const wrong = [];
  let number = 1000;

  const signature = (name, verb) => createHmac('sha256', secret).update(`${verb} ${name}`).digest('base64');
  const signed = (name, verb) =>
    `${address()}/blob/${encodeURIComponent(name)}?se=2026-11-22T12%3A00%3A00Z&sp=${verb}&sig=${encodeURIComponent(signature(name, verb))}`;
  const refuse = (status, code, msg) => {
    wrong.push(`${status} ${msg}`);
    return [status, { code, msg }];
  };

  function twirp(method, request, body) {
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, 'unauthenticated', 'unauthorized');
    const { workflow_run_backend_id: run, workflow_job_run_backend_id: job, ...rest } = body;
    if (run !== 'run-7001' || !job) return refuse(403, 'permission_denied', 'another run');
    const unknown = Object.keys(rest).filter((key) => !KNOWN[method]?.includes(key));
    if (unknown.length > 0) return refuse(400, 'malformed', `unknown fields ${unknown}`);
    const { name } = rest;
    if (name !== undefined && /[":<>|*?\r\n\\/]/.test(name)) return refuse(400, 'invalid_argument', 'a bad name');
    const known = artifacts.get(name);
    switch (method) {
      case 'CreateArtifact': {
        if (known) return refuse(409, 'already_exists', 'an artifact with this name already exists on the workflow run');
        if (![4, 7].includes(rest.version)) return refuse(400, 'invalid_argument', 'no such version');
        const expires = rest.expires_at === undefined ? Date.now() + 1e9 : Date.parse(rest.expires_at);
        if (!(expires > Date.now() && expires < Date.now() + 91 * 86_400_000)) return refuse(400, 'invalid_argument', 'a bad expiry');
        artifacts.set(name, { blocks: new Map(), expires, job, done: false });
        return [200, { ok: true, signedUploadUrl: signed(name, 'w') }];
      }
      case 'FinalizeArtifact': {
        if (!known?.blob) return refuse(404, 'not_found', 'nothing was uploaded');
        const digest = `sha256:${createHash('sha256').update(known.blob).digest('hex')}`;
        if (rest.size !== String(known.blob.length)) return refuse(400, 'invalid_argument', `size ${rest.size} is a lie`);
        if (rest.hash !== digest) return refuse(400, 'invalid_argument', `hash ${rest.hash} is a lie`);
        Object.assign(known, { done: true, digest, number: ++number });
        known.blocks.clear();
        if (!keep) artifacts.delete(name);
        return [200, { ok: true, artifactId: String(known.number) }];
      }
      case 'ListArtifacts': {
        const all = [...artifacts].filter(([each, { done }]) => done && (rest.name_filter ?? each) === each);
        const entry = ([each, { blob, digest, number: databaseId, job: made }]) => ({
          workflowRunBackendId: 'run-7001',
          workflowJobRunBackendId: made,
          databaseId: String(databaseId),
          name: each,
          size: String(blob.length),
          createdAt: new Date().toISOString(),
          ...(digests ? { digest } : {}),
        });
        return [200, all.length > 0 ? { artifacts: all.map(entry) } : {}];
      }
      case 'GetSignedArtifactURL':
        if (!known?.done || known.job !== job) return refuse(404, 'not_found', 'no such artifact');
        return [200, { name, signedUrl: signed(name, 'r') }];
      case 'DeleteArtifact':
        artifacts.delete(name);
        return [200, { ok: true, artifactId: '1' }];
      default:
        return refuse(404, 'bad_route', 'no such method');
    }
  }

  const storageError = (status, code) => {
    wrong.push(`${status} ${code}`);
    return [status, `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`];
  };

  function blob(request, url, body) {
    const name = decodeURIComponent(url.pathname.slice('/blob/'.length));
    const verb = request.method === 'GET' || request.method === 'HEAD' ? 'r' : 'w';
    const given = Buffer.from(url.searchParams.get('sig') ?? '');
    const due = Buffer.from(signature(name, verb));
    if (given.length !== due.length || !timingSafeEqual(given, due)) return storageError(403, 'AuthenticationFailed');
    if (request.headers.authorization) return storageError(403, 'TokenLeaked');
    const known = artifacts.get(name);
    if (!known) return storageError(404, 'BlobNotFound');
    if (verb === 'r') return [200, known.blob, known.type];
    if (Number(request.headers['content-length']) !== body.length) return storageError(400, 'InvalidHeaderValue');
    const comp = url.searchParams.get('comp');
    if (comp === 'block') {
      const id = url.searchParams.get('blockid');
      const other = known.blocks.keys().next().value;
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(id) || id.length % 4 || Buffer.from(id, 'base64').length > 64) return storageError(400, 'InvalidQueryParameterValue');
      if (other && other.length !== id.length) return storageError(400, 'InvalidBlobOrBlock');
      if (body.length === 0 || body.length > LARGEST_BLOCK) return storageError(413, 'RequestBodyTooLarge');
      known.blocks.set(id, body);
      return [201, ''];
    }
    if (comp === 'blocklist') {
      const text = body.toString();
      const ids = [...text.matchAll(/<(?:Latest|Uncommitted)>([^<]*)<\/(?:Latest|Uncommitted)>/g)].map(([, id]) => id);
      if (!text.includes('<BlockList>') || ids.some((id) => !known.blocks.has(id))) return storageError(400, 'InvalidBlockList');
      known.blob = Buffer.concat(ids.map((id) => known.blocks.get(id)));
      known.type = request.headers['x-ms-blob-content-type'] ?? 'application/octet-stream';
      return [201, ''];
    }
    return storageError(400, 'InvalidQueryParameterValue');
  }

  const server = createServer(async (request, response) => {
    const pieces = [];
    try {
      for await (const piece of request) pieces.push(piece);
    } catch {
      return;
    }
    const body = Buffer.concat(pieces);
    const url = new URL(request.url, 'http://127.0.0.1');
    const method = url.pathname.match(/^\/twirp\/github\.actions\.results\.api\.v1\.ArtifactService\/(\w+)$/)?.[1];
    const call = { method: method ?? `${request.method} ${url.searchParams.get('comp') ?? 'blob'}`, url, body };
    calls.push(call.method);
    const answer = method ? twirp(method, request, JSON.parse(body)) : blob(request, url, body);
    const twisted = await twist(call, answer);
    if (twisted === 'hang up') return void request.socket.destroy();
    const [status, content, type = 'application/octet-stream'] = twisted;
    const isJson = typeof content === 'object' && !Buffer.isBuffer(content);
    const bytes = isJson ? JSON.stringify(snake ? inSnakeCase(content) : content) : content;
    response.writeHead(status, { 'content-type': isJson ? 'application/json' : type, 'content-length': Buffer.byteLength(bytes) });
    response.end(request.method === 'HEAD' ? '' : bytes);
  });
  const address = () => `http://127.0.0.1:${server.address().port}`;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const environment = {
    ACTIONS_RESULTS_URL: `${address()}/some/path/`,
    ACTIONS_RUNTIME_TOKEN: token,
    GITHUB_SERVER_URL: 'https://github.com',
  };
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: address(), calls, wrong, artifacts, environment, token, close };
}

function inSnakeCase(value) {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  const key = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [key(name), inSnakeCase(held)]));
}
