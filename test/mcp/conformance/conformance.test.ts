/** The official suite and the official Inspector, on this project's own server with the suite's fixtures mounted. */
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseRules } from '../../../src/govern/load.js';
import { overHttp } from '../../../src/mcp/serve/http.js';
import { openServices } from '../../../src/mcp/serve/services.js';
import { ALLOW_ALL, makeHome } from '../served.js';
import { fixtures, tellThrough } from './fixtures.js';

const JUDGES = join(import.meta.dirname, '../../judges/node_modules');
const NODE = join(JUDGES, `node-linux-${process.arch}/bin/node`);
const home = makeHome();
let url: string;
let end: () => Promise<void>;

beforeAll(async () => {
  vi.stubEnv('XDG_STATE_HOME', home.dir);
  const account = { record: async () => {}, changed: () => {}, lines: () => [] };
  const { services, close } = openServices(parseRules(ALLOW_ALL, 'rules'), account, () => {});
  const served = await overHttp(
    services,
    0,
    () => 'agent:judge',
    () => {},
    fixtures,
  );
  url = served.url;
  tellThrough(served.notify);
  end = async () => {
    await served.close();
    await close();
  };
});
afterAll(async () => {
  await end();
  vi.unstubAllEnvs();
  home.remove();
});

const judge = (program: string, ...args: string[]) =>
  execa(NODE, [join(JUDGES, program), ...args], {
    reject: false,
    all: true,
    env: { HOME: home.dir, NO_COLOR: '1' },
  });

it.each(['2026-07-28', '2025-11-25'])(
  'meets every requirement of %s, with no failure expected',
  async (revision) => {
    const expected = join(import.meta.dirname, 'expected-failures.yaml');
    const args = ['server', '--url', url, '--requirements', revision, '--expected-failures', expected];
    const { all, exitCode } = await judge('@modelcontextprotocol/conformance/dist/index.js', ...args);
    expect(exitCode, all?.slice(-6000)).toBe(0);
    expect(all).toMatch(/\d+ passed/);
  },
);

it('shows its tools and their results to the Inspector', async () => {
  const inspect = (...args: string[]) =>
    judge(
      '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
      '--cli',
      url,
      '--transport',
      'http',
      ...args,
    );
  const listed = await inspect('--method', 'tools/list');
  expect(listed.all).toContain('os_scheduler_set_cfs_params_staged');
  const called = await inspect('--method', 'tools/call', '--tool-name', 'os_scheduler_get_params');
  expect(called.all).toContain('"structuredContent"');
  expect(called.all).toContain('sched_cfs_bandwidth_slice_us');
});
