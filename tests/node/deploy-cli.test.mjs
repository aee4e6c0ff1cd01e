// The reference is not ourselves: Vercel's own command line deploys the same
// output to the same stand-in, and both must leave it in the same state. Every
// request is held against the service's own description, where it is here.

import assert from 'node:assert/strict';
import test from 'node:test';
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';

import { deployment, named, said } from './deployment.mjs';
import { folder } from './harness.mjs';
import { cli, skipWithout, writeOutput } from './vercel-cli.mjs';
import { vercel } from './vercel.mjs';

const FILES = {
  '.vercel/output/config.json': '{"version":3}',
  '.vercel/output/static/index.html': '<!doctype html>shop',
  '.vercel/output/static/.well-known/security.txt': 'Contact: x\n',
  '.vercel/output/static/copy.html': '<!doctype html>shop',
  '.vercel/output/static/empty.txt': '',
  '.vercel/output/static/[...slug]/ünïcode file.html': 'slug',
  '.vercel/output/functions/api.func/.vc-config.json': '{"runtime":"edge","entrypoint":"index.js"}',
  '.vercel/output/functions/api.func/index.js': 'export default () => new Response("ok");\n',
  '.vercel/output/functions/api.func/tool': '#!/bin/sh\n',
};
const EXECUTABLE = '.vercel/output/functions/api.func/tool';
const LINK = '.vercel/output/functions/also.func';

const sorted = (files) => files.map(({ file, sha, size, mode }) => ({ file, sha, size, mode })).sort((a, b) => (a.file < b.file ? -1 : 1));
/** The kind of file and whether it may be executed: the rest of a mode is the machine's umask. */
const kinds = (files) => sorted(files).map((each) => ({ ...each, mode: each.mode & 0o170100 }));

test("the state is the one that Vercel's own command line leaves", { skip: skipWithout }, async (context) => {
  const theirs = await vercel();
  context.after(() => theirs.close());
  const where = folder('site');
  writeOutput(where, FILES);
  chmodSync(`${where}/${EXECUTABLE}`, 0o755);
  symlinkSync('api.func', `${where}/${LINK}`);
  const deployed = await cli(theirs, where, 'deploy', '--prebuilt', '--prod', '--skip-domain');
  assert.equal(deployed.status, 0, deployed.text);
  const [reference] = theirs.state.deployments;
  assert.ok(reference, deployed.text);
  const promoted = await cli(theirs, where, 'promote', reference.id);
  assert.equal(promoted.status, 0, promoted.text);

  const ours = await deployment(context, {}, { old: false });
  ours.pack({ ...FILES, [EXECUTABLE]: { run: FILES[EXECUTABLE] }, [LINK]: { link: 'api.func' } });
  const result = await ours.run({ 'health-path': 'none' });
  assert.equal(result.status, 0, said(result));
  const [made] = ours.service.state.deployments;

  assert.deepEqual(kinds(made.files), kinds(reference.files));
  assert.deepEqual([...ours.service.state.files.keys()].sort(), [...theirs.state.files.keys()].sort());
  for (const field of ['target', 'readyState', 'readySubstate', 'projectId', 'name', 'autoAssign']) {
    assert.deepEqual(made[field], reference[field], field);
  }
  assert.equal(ours.service.state.production, made.id);
  assert.equal(theirs.state.production, reference.id);
  const kept = ({ fromDeploymentId, jobStatus, type }) => ({ fromDeploymentId, jobStatus, type });
  assert.deepEqual(kept(ours.service.state.job), kept(theirs.state.job));
  assert.deepEqual(named(ours.service, 'upload').length, named(theirs, 'upload').length);
});

const DESCRIPTION = process.env.WAYBILL_VERCEL_OPENAPI;
const skipDescription = DESCRIPTION && existsSync(DESCRIPTION) ? false : "the description of Vercel's API is not here (WAYBILL_VERCEL_OPENAPI)";

test("every request is one that the service's own description knows", { skip: skipDescription }, async (context) => {
  const { paths } = JSON.parse(readFileSync(DESCRIPTION, 'utf8'));
  const sick = (made, where) => where === 'public' && made.meta.waybillDeployment && { status: 500 };
  const { service, run } = await deployment(context, { sick });
  await run();
  // In the service's types and its command line, but not in that description.
  const UNLISTED = { rollback: 'POST', 'rolling-release': 'GET', tree: 'GET' };
  const templates = Object.keys(paths).map((template) => [template, new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`)]);
  const seen = new Set();
  for (const call of service.state.calls) {
    const fits = templates.filter(([, pattern]) => pattern.test(call.path));
    const operation = fits.map(([template]) => paths[template][call.method.toLowerCase()]).find(Boolean);
    if (!operation) {
      assert.ok(call.name in UNLISTED, `${call.method} ${call.path} is not described`);
      continue;
    }
    seen.add(call.name);
    const known = (operation.parameters ?? []).filter((each) => each.in === 'query').map((each) => each.name);
    const extra = [...call.query.keys()].filter((name) => !known.includes(name));
    assert.deepEqual(extra.filter((name) => !['teamId', 'prebuilt', 'rollbackInfo'].includes(name)), [], `${call.method} ${call.path}`);
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    if (call.body && schema?.properties) {
      const unknown = Object.keys(JSON.parse(call.body)).filter((name) => !(name in schema.properties));
      assert.deepEqual(unknown.filter((name) => !['version', 'source', 'autoAssignCustomDomains'].includes(name)), [], call.path);
      for (const name of schema.required ?? []) assert.ok(name in JSON.parse(call.body), `${call.path} needs ${name}`);
    }
  }
  for (const name of ['token', 'project', 'list', 'create', 'upload', 'promote']) assert.ok(seen.has(name), `${name} was checked`);
});
