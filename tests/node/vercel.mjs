// A stand-in for Vercel's REST API on loopback, for Waybill and for Vercel's own
// command line alike: files by digest, deployments with their states, switches
// of traffic, and real pages: each deployment, and each production domain, is a
// server of its own that serves what was uploaded. Every call is kept.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';

const TEAM = 'team_aaaaaaaaaaaaaaaaaaaaaaaa';
const PROJECT = 'prj_bbbbbbbbbbbbbbbbbbbbbbbb';
const MOST_FILES = 15000;

/** The token that it accepts, made here so that no file holds one. */
export const TOKEN = ['vcp', 'x'.repeat(24)].join('_');
export const BYPASS = 'b'.repeat(32);

/**
 * Starts it. The world can be told to be another way:
 * `states`: `[milliseconds since creation, changes]` a deployment goes through;
 * `sick(deployment, where)`: what a page answers instead, as `{status, headers}`;
 * `fault(call, count)`: what happens to a call: `reset`, `half`, `hang`, `html`,
 * `truncated`, `refuse-next` (nobody listens for a while after it), `{status, body, headers}`, or `{change}` for the answer;
 * `switches(kind, to)`: how a promote or rollback goes: `{status, job, moves, after}`;
 * `latency` in milliseconds; `domains`: how many production domains;
 * `project`: fields of the project; `expires`: of the token.
 */
export async function vercel(world = {}) {
  const state = {
    calls: [],
    files: new Map(),
    deployments: [],
    production: undefined,
    job: null,
    pinned: false,
    aliases: new Map(),
    domains: [],
    servers: [],
  };
  let count = 0;

  const listen = async (handler) => {
    const server = createServer(handler);
    server.keepAliveTimeout = 60_000;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    state.servers.push(server);
    return { server, host: `127.0.0.1:${server.address().port}` };
  };

  const byId = (id) => state.deployments.find((each) => each.id === id || each.url === id);

  /** Brings a deployment to where it is by now. */
  function age(deployment) {
    if (deployment.readyState === 'CANCELED') return deployment;
    for (const [after, changes] of deployment.plan) {
      if (Date.now() - deployment.createdAt < after) break;
      Object.assign(deployment, changes);
    }
    if (deployment.readyState === 'READY' && !deployment.settled) {
      deployment.settled = true;
      deployment.ready = Date.now();
      if (deployment.target === 'production') {
        const takes = deployment.autoAssign && !state.pinned;
        deployment.readySubstate = takes ? 'PROMOTED' : 'STAGED';
        if (takes) serve(deployment);
      }
    }
    return deployment;
  }

  function serve(deployment) {
    state.production = deployment.id;
    deployment.readySubstate = 'PROMOTED';
    deployment.alias = [...state.domains];
    deployment.aliasAssigned = Date.now();
  }

  const publicFields = (deployment) => {
    const { plan, settled, autoAssign, files, host, ...shown } = deployment;
    return { ...shown, status: shown.readyState };
  };

  /** A page of a deployment: a file of its static output. */
  function page(deployment, where, request, response) {
    const sick = world.sick?.(deployment, where, request);
    if (sick) return void response.writeHead(sick.status, sick.headers ?? {}).end(sick.body ?? 'sick');
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const wanted = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const file = deployment.files.find((each) => each.file === `.vercel/output/static${wanted}`);
    const content = file && state.files.get(file.sha);
    if (!content) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('NOT_FOUND');
    const type = wanted.endsWith('.json') ? 'application/json' : 'text/html; charset=utf-8';
    response.writeHead(200, { 'content-type': type, 'x-deployment': deployment.id }).end(content);
  }

  for (let at = 0; at < (world.domains ?? 1); at += 1) {
    const domain = await listen((request, response) => {
      const id = state.aliases.get(domain.host) ?? state.production;
      const deployment = id && byId(id);
      const gone = { 'x-vercel-error': 'DEPLOYMENT_NOT_FOUND' };
      if (!deployment) return void response.writeHead(404, gone).end('The deployment could not be found on Vercel.');
      page(deployment, 'public', request, response);
    });
    state.domains.push(domain.host);
  }

  const projectAnswer = () => {
    const served = state.production && byId(state.production);
    return {
      id: PROJECT,
      name: 'shop',
      accountId: TEAM,
      framework: null,
      rootDirectory: null,
      nodeVersion: '22.x',
      link: null,
      targets: served
        ? { production: { id: served.id, url: served.url, alias: [...state.domains], readyState: served.readyState } }
        : {},
      latestDeployments: [],
      lastAliasRequest: state.job && { ...state.job, jobStatus: jobStatus() },
      lastRollbackTarget: state.pinned ? {} : null,
      autoAssignCustomDomains: true,
      ...world.project,
    };
  };

  const jobStatus = () => (Date.now() >= state.job.until ? state.job.jobStatus : 'in-progress');

  const error = (status, code, message, more = {}) => [status, { error: { code, message, ...more } }];
  const notFound = (what) => error(404, 'not_found', `${what} not found`);

  async function create(call) {
    const body = JSON.parse(call.body);
    if (!Array.isArray(body.files)) return error(400, 'bad_request', 'Invalid request: `files` is required');
    if (body.files.length > MOST_FILES) {
      const message = `Invalid request: \`files\` should NOT have more than ${MOST_FILES} items, received ${body.files.length}`;
      return error(400, 'too_many_files', message);
    }
    for (const { file, sha, size, mode } of body.files) {
      if (!file || !/^[0-9a-f]{40}$/.test(sha) || !Number.isInteger(size) || !Number.isInteger(mode)) {
        return error(400, 'bad_request', `Invalid file ${file}`);
      }
    }
    const missing = [...new Set(body.files.map(({ sha }) => sha))].filter((sha) => !state.files.has(sha));
    if (missing.length > 0) return error(400, 'missing_files', 'Missing files', { missing });
    const lying = body.files.find(({ sha, size }) => state.files.get(sha).length !== size);
    if (lying) return error(400, 'bad_request', `The size of ${lying.file} is wrong`);
    let { target = null } = body;
    if (world.firstIsProduction && state.deployments.length === 0) target = 'production';
    const deployment = {
      id: `dpl_${String(state.deployments.length + 1).padStart(28, '0')}`,
      name: 'shop',
      target: target === 'production' || target === 'staging' ? target : null,
      meta: body.meta ?? {},
      projectId: PROJECT,
      ownerId: TEAM,
      team: { id: TEAM, name: 'Acme', slug: 'acme' },
      creator: { uid: 'user_1', username: 'somebody' },
      project: { id: PROJECT, name: 'shop' },
      public: false,
      regions: ['iad1'],
      readyState: 'QUEUED',
      createdAt: Date.now(),
      alias: [],
      aliasAssigned: null,
      aliasError: null,
      inspectorUrl: 'https://vercel.example/acme/shop/1',
      files: body.files,
      autoAssign: body.autoAssignCustomDomains !== false,
      plan: world.states ?? [[0, { readyState: 'READY', aliasAssigned: true }]],
      gitMetadata: body.gitMetadata,
      customEnvironmentSlugOrId: body.customEnvironmentSlugOrId,
    };
    const { host } = await listen((request, response) => page(deployment, 'own', request, response));
    deployment.url = host;
    state.deployments.push(deployment);
    return [200, publicFields(age(deployment))];
  }

  function upload(call) {
    const digest = call.headers['x-vercel-digest'] ?? call.headers['x-now-digest'];
    if (!/^[0-9a-f]{40}$/.test(digest ?? '')) return error(400, 'bad_request', 'Digest is not valid');
    if (createHash('sha1').update(call.bytes).digest('hex') !== digest) return error(400, 'bad_request', 'Digest is not valid');
    if (Number(call.headers['content-length'] ?? 0) !== call.bytes.length) {
      return error(400, 'bad_request', 'File size is not valid');
    }
    state.files.set(digest, call.bytes);
    return [200, { urls: [] }];
  }

  function switchTo(kind, id) {
    const deployment = byId(id);
    if (!deployment) return notFound('Deployment');
    if (age(deployment).readyState !== 'READY') return error(400, 'bad_request', 'Deployment is not ready');
    if (deployment.target !== 'production') return error(400, 'bad_request', 'Deployment is not a production deployment');
    const how = world.switches?.(kind, deployment) ?? {};
    if (how.status >= 400) return error(how.status, how.code ?? 'conflict', how.message ?? 'refused');
    if (state.production === id && !how.status) {
      return error(409, 'conflict', 'Deployment is already the current production deployment');
    }
    const after = how.after ?? 0;
    state.job = {
      fromDeploymentId: state.production,
      toDeploymentId: id,
      jobStatus: how.job ?? 'succeeded',
      requestedAt: Date.now(),
      until: Date.now() + after,
      type: kind,
    };
    const move = () => {
      if (how.moves === false) return;
      serve(deployment);
      state.pinned = kind === 'rollback';
    };
    if (after > 0) setTimeout(move, after).unref();
    else move();
    return kind === 'promote' ? [how.status ?? 201, undefined] : [how.status ?? 201, undefined];
  }

  const routes = [
    ['user', 'GET', /^\/v2\/user$/, () => [200, { user: { id: 'user_1', uid: 'user_1', username: 'somebody', email: 's@example.com', defaultTeamId: TEAM, version: 'northstar' } }]],
    ['team', 'GET', /^\/(?:v2\/)?teams\/([^/]+)$/, () => [200, { id: TEAM, slug: 'acme', name: 'Acme', membership: { role: 'OWNER' } }]],
    ['teams', 'GET', /^\/v\d+\/teams$/, () => [200, { teams: [{ id: TEAM, slug: 'acme', name: 'Acme' }], pagination: { count: 1, next: null, prev: null } }]],
    ['token', 'GET', /^\/v5\/user\/tokens\/current$/, () => [200, { token: { id: 'current', name: 'ci', type: 'token', createdAt: 1, ...(world.expires ? { expiresAt: world.expires } : {}) } }]],
    ['promote', 'POST', /^\/v\d+\/projects\/([^/]+)\/promote\/([^/]+)$/, (_, [, , id]) => switchTo('promote', id)],
    ['rollback', 'POST', /^\/v\d+\/projects\/([^/]+)\/rollback\/([^/]+)$/, (_, [, , id]) => switchTo('rollback', id)],
    ['failed-aliases', 'GET', /^\/v\d+\/projects\/([^/]+)\/(?:promote|rollback)\/aliases$/, () => [200, { aliases: world.failedAliases ?? [], pagination: {} }]],
    ['rolling-release', 'GET', /^\/v1\/projects\/([^/]+)\/rolling-release$/, () => [200, { rollingRelease: world.rollingRelease ?? null }]],
    ['project', 'GET', /^\/v9\/projects\/([^/]+)$/, (_, [, id]) => ([PROJECT, 'shop'].includes(id) ? [200, projectAnswer()] : notFound('Project'))],
    ['list', 'GET', /^\/v[67]\/deployments$/, (call) => {
      const target = call.query.get('target');
      const all = state.deployments.map(age).filter((each) => !target || each.target === target);
      const shown = all.map((each) => ({ ...publicFields(each), uid: each.id, state: each.readyState, created: each.createdAt }));
      return [200, { deployments: shown.reverse().slice(0, Number(call.query.get('limit') ?? 20)), pagination: { count: all.length, next: null, prev: null } }];
    }],
    ['create', 'POST', /^\/v13\/deployments$/, create],
    ['upload', 'POST', /^\/v2\/(?:now\/)?files$/, upload],
    ['events', 'GET', /^\/v3\/(?:now\/)?deployments\/([^/]+)\/events$/, (call, [, id]) => {
      const deployment = byId(id);
      if (!deployment) return notFound('Deployment');
      const line = { type: 'stdout', created: deployment.createdAt + 5, date: deployment.createdAt + 5, text: 'Build Completed', deploymentId: deployment.id };
      if (call.query.get('format') === 'lines' || call.query.get('follow') === '1') return [200, `${JSON.stringify(line)}\n`];
      return [200, Number(call.query.get('since') ?? 0) <= line.created ? [line] : []];
    }],
    ['alias', 'POST', /^\/v2\/deployments\/([^/]+)\/aliases$/, (call, [, id]) => {
      const deployment = state.deployments.find((each) => each.id === id);
      if (!deployment) return notFound('Deployment');
      const { alias } = JSON.parse(call.body);
      if (world.aliasError) return error(...world.aliasError);
      const oldDeploymentId = state.aliases.get(alias);
      state.aliases.set(alias, id);
      return [200, { uid: 'alias_1', alias, created: new Date().toISOString(), ...(oldDeploymentId ? { oldDeploymentId } : {}) }];
    }],
    ['cancel', 'PATCH', /^\/v12\/deployments\/([^/]+)\/cancel$/, (_, [, id]) => {
      const deployment = byId(id);
      if (!deployment) return notFound('Deployment');
      if (['READY', 'ERROR'].includes(age(deployment).readyState)) return error(400, 'bad_request', 'The deployment is not running');
      Object.assign(deployment, { readyState: 'CANCELED', canceledAt: Date.now() });
      return [200, publicFields(deployment)];
    }],
    ['delete', 'DELETE', /^\/v13\/deployments\/([^/]+)$/, (_, [, id]) => {
      const deployment = byId(id);
      if (!deployment) return notFound('Deployment');
      state.deployments.splice(state.deployments.indexOf(deployment), 1);
      return [200, { uid: deployment.id, state: 'DELETED' }];
    }],
    ['tree', 'GET', /^\/v6\/deployments\/([^/]+)\/files$/, (_, [, id]) => (byId(id) ? [200, tree(byId(id).files)] : notFound('Deployment'))],
    ['deployment', 'GET', /^\/v13\/deployments\/([^/]+)$/, (_, [, id]) => (byId(id) ? [200, publicFields(age(byId(id)))] : notFound('Deployment'))],
  ];

  async function answer(call) {
    if (call.headers.authorization !== `Bearer ${TOKEN}`) return error(403, 'forbidden', 'Not authorized', { invalidToken: true });
    const found = routes.find(([, method, pattern]) => method === call.method && pattern.test(call.path));
    if (!found) return notFound(`${call.method} ${call.path}`);
    const scope = call.query.get('teamId') ?? call.query.get('slug');
    if (scope && ![TEAM, 'acme'].includes(scope)) return error(403, 'forbidden', 'Not authorized');
    return found[3](call, call.path.match(found[2]));
  }

  const nameOf = (call) => routes.find(([, method, pattern]) => method === call.method && pattern.test(call.path))?.[0];

  const api = await listen(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const url = new URL(request.url, 'http://127.0.0.1');
    const json = request.headers['content-type'] === 'application/json' || request.headers['content-type']?.startsWith('application/json;');
    const call = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, bytes };
    if (json) call.body = bytes.toString();
    call.name = nameOf(call);
    call.begun = Date.now();
    count += 1;
    state.calls.push(call);
    if (world.latency) await new Promise((resolve) => setTimeout(resolve, world.latency));
    const fault = world.fault?.(call, count);
    const refusal = fault?.status;
    let [status, body] = refusal ? [fault.status, fault.body ?? ''] : await answer(call);
    if (fault === 'refuse-next') refuseFor(request, response, 700);
    if (fault?.change) body = fault.change(structuredClone(body)) ?? body;
    call.status = status;
    let text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': 'application/json; charset=utf-8', 'x-vercel-id': `lhr1::${count}`, ...world.headers, ...fault?.headers };
    switch (fault) {
      case 'reset':
        return void request.socket.destroy();
      case 'hang':
        return;
      case 'half':
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) + 100 });
        return void response.write(text, () => setTimeout(() => request.socket.destroy(), 20));
      case 'html':
        text = '<!doctype html><title>502: Bad gateway</title>';
        break;
      case 'truncated':
        text = text.length > 2 ? text.slice(0, Math.floor(text.length / 2)) : '{"trunc';
        break;
      default:
    }
    response.writeHead(status, headers).end(text);
  });

  /** After this answer nobody listens for a while. */
  function refuseFor(request, response, milliseconds) {
    const { port } = api.server.address();
    response.setHeader('connection', 'close');
    api.server.close();
    response.on('close', () => api.server.closeAllConnections());
    setTimeout(() => api.server.listen(port, '127.0.0.1'), milliseconds);
  }

  const close = () =>
    Promise.all(
      state.servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  /** As if a good deployment of these files had been made and served. */
  async function served(files) {
    const entries = Object.entries(files).map(([file, text]) => {
      const bytes = Buffer.from(text);
      const sha = createHash('sha1').update(bytes).digest('hex');
      state.files.set(sha, bytes);
      return { file: `.vercel/output/${file}`, sha, size: bytes.length, mode: 0o100644 };
    });
    const { states } = world;
    world.states = undefined;
    const body = JSON.stringify({ files: entries, target: 'production', project: PROJECT, name: 'shop' });
    const [, made] = await create({ body });
    world.states = states;
    return byId(made.id);
  }
  return { url: `http://${api.host}`, world, state, byId, served, close, server: api.server, team: TEAM, project: PROJECT };
}

/** The tree of a deployment's files, as the service lists it. */
function tree(files) {
  const root = [];
  for (const { file, sha, mode } of files) {
    const parts = file.split('/');
    const name = parts.pop();
    let level = root;
    for (const part of parts) {
      let folder = level.find((each) => each.name === part);
      if (!folder) level.push((folder = { name: part, type: 'directory', mode: 16877, children: [] }));
      level = folder.children;
    }
    level.push({ name, type: 'file', mode, uid: sha });
  }
  return root;
}
