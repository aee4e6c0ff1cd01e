// A stand-in for the part of GitHub's REST API that Waybill speaks to, on
// loopback: the comments of one repository's issues, the files of a pull request,
// and deployments. It is as strict as the real one where that matters, and keeps every call.
// loopback: the comments of one repository's issues, the files of a pull
// request, and the check runs of a commit. It is as strict as the real one where
// that matters, and keeps every call.

import { createServer } from 'node:http';

const LONGEST_COMMENT = 65536;
const BOT = { login: 'github-actions[bot]', type: 'Bot' };

/**
 * Starts it. `comments` are there from the start; `fail` decides by a call
 * whether it is refused with `status` and `message`; `files` are the pull
 * request's. The token is the workflow's own. Gives `url`, `calls`, `state` (the comments
 * and the check runs, with all their annotations) and `close`.
 */
export async function gitHub({ comments = [], fail = () => false, status = 403, message, files = [] } = {}) {
  const calls = [];
  const state = {
    deployments: [],
    comments: comments.map((comment, at) => ({ id: at + 1, user: { login: 'somebody', type: 'User' }, ...comment })),
    checkRuns: [],
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const url = new URL(request.url, 'http://127.0.0.1');
    const call = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    };
    calls.push(call);
    const [code, answer, headers = {}] = respond(call);
    const text = answer === undefined ? '' : JSON.stringify(answer);
    response.writeHead(code, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(text);
  });

  function respond(call) {
    const { method, path, query, headers } = call;
    const refuse = (code, why) => [
      code,
      { message: why, documentation_url: 'https://docs.github.com/rest', status: String(code) },
    ];
    if (!/^Bearer .+/.test(headers.authorization ?? '')) return refuse(401, 'Requires authentication');
    if (!headers['user-agent']) return refuse(403, 'Request forbidden by administrative rules.');
    if (fail(call)) return refuse(status, message ?? 'Resource not accessible by integration');
    const deployments = deploymentCall(call, refuse);
    if (deployments) return deployments;
    const list = path.match(/^\/repos\/example\/shop\/issues\/(\d+)\/comments$/);
    const one = path.match(/^\/repos\/example\/shop\/issues\/comments\/(\d+)$/);
    if (method === 'GET' && list) return page(query);
    if (method === 'GET' && path === '/repos/example/shop/pulls/7/files') return [200, part(files, query)];
    if (method === 'POST' && list) {
      const wrong = wrongBody(call.body);
      if (wrong) return refuse(422, wrong);
      const comment = { id: state.comments.length + 1, user: BOT, body: JSON.parse(call.body).body };
      state.comments.push(comment);
      return [201, comment];
    }
    const known = one && state.comments.find((comment) => comment.id === Number(one[1]));
    if (method === 'GET' && known) return [200, known];
    if (method === 'DELETE' && known) {
      state.comments.splice(state.comments.indexOf(known), 1);
      return [204];
    }
    if (method === 'PATCH' && known) {
      const wrong = wrongBody(call.body);
      if (wrong) return refuse(422, wrong);
      known.body = JSON.parse(call.body).body;
      return [200, known];
    }
    return checkRuns(call) ?? refuse(404, 'Not Found');

    function checkRuns({ body }) {
      const listed = path.match(/^\/repos\/example\/shop\/commits\/([0-9a-f]{40})\/check-runs$/);
      const run = path.match(/^\/repos\/example\/shop\/check-runs\/(\d+)(\/annotations)?$/);
      const known = run && state.checkRuns.find((one) => one.id === Number(run[1]));
      if (method === 'GET' && listed) {
        const named = state.checkRuns.filter((one) => one.head_sha === listed[1] && one.name === query.get('check_name'));
        return [200, { total_count: named.length, check_runs: part(named, query) }];
      }
      if (method === 'GET' && known && run[2]) return [200, part(known.annotations, query)];
      const makes = method === 'POST' && path === '/repos/example/shop/check-runs';
      if (!makes && !(method === 'PATCH' && known && !run[2])) return undefined;
      const wanted = JSON.parse(body);
      const wrong = wrongCheckRun(wanted, makes);
      if (wrong) return refuse(422, wrong);
      const one = known || { id: 900 + state.checkRuns.length, annotations: [] };
      if (makes) state.checkRuns.push(one);
      const { output, ...rest } = wanted;
      Object.assign(one, rest, { title: output.title, summary: output.summary });
      // As the real one does: annotations are only ever added.
      one.annotations.push(...output.annotations);
      return [makes ? 201 : 200, { id: one.id, name: one.name, external_id: one.external_id }];
    }
  }

  /** Deployments and their statuses, with GitHub's defaults: what is not said otherwise merges and waits for checks. */
  function deploymentCall({ method, path, query, body }, refuse) {
    const match = path.match(/^\/repos\/example\/shop\/deployments(?:\/(\d+)\/statuses)?$/);
    if (!match) return undefined;
    const statuses = match[1] !== undefined;
    const one = state.deployments.find(({ id }) => id === Number(match[1]));
    if (statuses && !one) return refuse(404, 'Not Found');
    const now = new Date().toISOString();
    if (method === 'GET' && !statuses) {
      const asked = query.get('environment');
      return [200, part(state.deployments.filter(({ environment }) => !asked || environment === asked).toReversed(), query)];
    }
    if (method === 'GET') return [200, part(one.statuses.toReversed(), query)];
    const given = JSON.parse(body);
    if (statuses) {
      if ((given.description ?? '').length > 140) return refuse(422, 'Validation Failed: description is too long');
      const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];
      if (!states.includes(given.state)) return refuse(422, 'Validation Failed: state');
      one.statuses.push({ id: one.statuses.length + 1, created_at: now, ...given });
      return [201, one.statuses.at(-1)];
    }
    if (given.auto_merge !== false) return [202, { message: 'Auto-merged main into the ref' }];
    if (given.required_contexts?.length !== 0) return refuse(409, 'Conflict: Commit status checks failed');
    const id = state.deployments.length + 1;
    const { ref, task = 'deploy', payload = {}, environment = 'production', ...more } = given;
    const made = { id, sha: ref, ref, task, payload, environment, ...more, creator: BOT, created_at: now, statuses: [] };
    state.deployments.push(made);
    return [201, made];
  }

  const sizeOf = (query) => Math.min(Number(query.get('per_page') ?? 30), 100);
  const numberOf = (query) => Number(query.get('page') ?? 1);
  const part = (all, query) => all.slice((numberOf(query) - 1) * sizeOf(query), numberOf(query) * sizeOf(query));

  function page(query) {
    const [size, number] = [sizeOf(query), numberOf(query)];
    const more = state.comments.length > number * size;
    const next = `${address()}/repos/example/shop/issues/7/comments?per_page=${size}&page=${number + 1}`;
    return [200, part(state.comments, query), more ? { link: `<${next}>; rel="next", <${next}>; rel="last"` } : {}];
  }

  const address = () => `http://127.0.0.1:${server.address().port}`;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: address(), calls, state, close };
}

function wrongCheckRun({ name, head_sha: commit, status, conclusion, output }, isNew) {
  if (isNew && (!name || !/^[0-9a-f]{40}$/.test(commit))) return 'name and head_sha are required';
  if (status !== 'completed' || !['failure', 'neutral', 'success'].includes(conclusion)) return 'no such conclusion';
  if (!output?.title || !output.summary) return 'output needs a title and a summary';
  if (output.annotations.length > 50) return 'No more than 50 annotations per request';
  const isWrong = (one) =>
    !one.path ||
    one.path.startsWith('/') ||
    !(one.start_line > 0 && one.end_line >= one.start_line) ||
    !['notice', 'warning', 'failure'].includes(one.annotation_level) ||
    !one.message ||
    (one.title?.length ?? 0) > 255 ||
    (one.start_column !== undefined && one.start_line !== one.end_line);
  const wrong = output.annotations.find(isWrong);
  return wrong && `Invalid annotation: ${JSON.stringify(wrong)}`;
}

function wrongBody(text) {
  let body;
  try {
    ({ body } = JSON.parse(text));
  } catch {
    return 'Problems parsing JSON';
  }
  if (typeof body !== 'string' || body.trim() === '') return 'Validation Failed: body cannot be blank';
  return body.length > LONGEST_COMMENT
    ? 'Validation Failed: body is too long (maximum is 65536 characters)'
    : undefined;
}
