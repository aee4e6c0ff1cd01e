// A step that deploys a packed site to a stand-in of Vercel, for several tests.

import path from 'node:path';
import { writeFileSync } from 'node:fs';

import { checkout, git, ledgerOf, post, step } from './harness.mjs';
import { site, tar, waybill } from './packed.mjs';
import { TOKEN, vercel } from './vercel.mjs';

const FAST = { 'health-interval': '60ms', 'health-timeout': '4s', 'health-successes': '2', 'request-timeout': '2s' };

/** A workspace with a packed site, and the step that deploys it. */
export async function deployment(context, world = {}, { environment = 'production', old = true } = {}) {
  const service = await vercel(world);
  context?.after(() => service.close());
  const workspace = checkout({ 'README.md': 'a shop\n' });
  const commit = git(workspace, 'rev-parse', 'HEAD');
  const before = old ? await service.served(site('old')) : undefined;
  const pack = (files, more = {}) => {
    const archive = tar(files);
    const { text, digest } = waybill(archive, files, { commit, environments: [environment], ...more });
    writeFileSync(path.join(workspace, 'frontend.tar'), archive);
    writeFileSync(path.join(workspace, 'frontend.tar.waybill.json'), text);
    inputs.waybill = digest;
  };
  const inputs = {
    'job-type': 'deploy-frontend',
    environment,
    artifact: 'frontend.tar',
    'vercel-project': 'shop',
    'vercel-team': service.team,
    'vercel-token': TOKEN,
    'vercel-api-url': service.url,
    'health-path': '/version.json',
    'health-json-pointer': '/version',
    ...FAST,
  };
  pack(site(commit));
  const run = (more = {}, options = {}) => step(workspace, { ...inputs, ...more }, options);
  const finish = (main, more = {}) => post(workspace, { ...inputs, ...more }, main);
  return { service, workspace, commit, before, run, finish, pack, inputs };
}

/** The types of a run's events, in order. */
export const events = (workspace, result) => ledgerOf(workspace, result).map((line) => line.event?.eventType ?? line.eventType);
/** The calls of this name. */
export const named = (service, name) => service.state.calls.filter((call) => call.name === name);
/** All that a run printed. */
export const said = (result) => result.stdout.toString();
