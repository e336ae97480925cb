/** A real kernel's knobs over real MCP: the official client and the server, both in a guest. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeEntries } from '../../src/lab/closure.js';
import { GUEST_ROOT, PROJECT_ROOT, runtimePackages } from '../../src/lab/functional/project.js';
import { runModule, useGuest } from './guest.js';

/** The client is no part of the product, so the image does not have it. */
const CLIENT = join(PROJECT_ROOT, 'node_modules/@modelcontextprotocol/client');
const extraFiles = [CLIENT, ...runtimePackages(CLIENT)].flatMap((home) =>
  treeEntries(home, join(GUEST_ROOT, home.slice(PROJECT_ROOT.length))),
);

const RULES = `version: 1
rules:
  - name: steps
    tools: ["os.**"]
    limits: { latency_ns: { max_step: 50% }, min_granularity_ns: { max_step: 50% }, base_slice_ns: { max_step: 50% } }
    decide: allow
`;

/** A client's program: `call(name, args)` gives structured content, `knob(name)` what the kernel has. */
const program = (mode: string, body: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
writeFileSync('/tmp/rules.yaml', ${JSON.stringify(RULES)});
const client = new Client({ name: 'guest', version: '1' }, { versionNegotiation: { mode: '${mode}' } });
const open = () => client.connect(new StdioClientTransport({
  command: 'tunesmith', args: ['mcp', '--rules', '/tmp/rules.yaml'], env: process.env, stderr: 'inherit',
}), { timeout: 900_000 });
await open();
const call = async (name, args) => (await client.callTool({ name, arguments: args }, { timeout: 900_000 })).structuredContent;
const knob = (name) => Number(readFileSync('/sys/kernel/debug/sched/' + name, 'utf8'));
const said = {};
${body}
console.log(JSON.stringify(said));
process.exit(0);
`;

describe('in a guest with CFS', () => {
  const guest = useGuest({ kernel: 'cfs', cpus: 4, extraFiles });

  it.each(['auto', 'legacy'])('the paper’s Appendix C runs verbatim but for the dot (%s)', async (mode) => {
    // "Example tools/call payload" of the LumOS paper.
    const payload = {
      name: 'os.scheduler.set_cfs_params_staged',
      arguments: {
        min_granularity_ns: 2_000_000,
        latency_ns: 24_000_000,
        scope: { cpus: [0, 1, 2, 3] },
        ttl_sec: 60,
        idempotency_key: `tune-cycle-42-${mode}`,
      },
    };
    const body = `
      const state = () => [knob('min_granularity_ns'), knob('latency_ns')];
      said.before = state();
      const staged = await call('${payload.name}', ${JSON.stringify(payload.arguments)});
      said.staged = staged; said.inForce = state();
      const metric = await client.readResource({ uri: 'metrics://scheduler/p99_runq_latency' }, { timeout: 900_000 }).catch((error) => String(error));
      said.metric = metric;
      said.again = await call('${payload.name}', ${JSON.stringify(payload.arguments)});
      said.tooFar = await call('${payload.name}', { min_granularity_ns: 9000000, latency_ns: 90000000 });
      said.contradictory = await call('${payload.name}', { min_granularity_ns: 3000000, latency_ns: 2000000 });
      said.committed = await call('os.scheduler.commit_params', { change_token: staged.change_token });
      said.kept = state();
      said.reverted = await call('os.scheduler.revert_params', { change_token: staged.change_token });
      said.after = state();`;
    const { status, stdout, stderr } = await runModule(guest(), program(mode, body), {
      timeoutMs: 1_000_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const said = JSON.parse(stdout);
    expect(said.inForce).toEqual([2_000_000, 24_000_000]);
    expect(said.staged).toMatchObject({
      staged: true,
      change: { state: 'staged', scope: expect.any(String) },
    });
    expect(said.again).toMatchObject({ repeated: true, change_token: said.staged.change_token });
    expect(said.tooFar.error).toMatchObject({ code: 'denied', rule: 'steps', allowed: expect.any(String) });
    expect(said.contradictory.error.message).toContain('exceeds latency_ns');
    expect(said.committed.change.state).toBe('committed');
    expect(said.kept).toEqual([2_000_000, 24_000_000]);
    expect(said.reverted.change.state).toBe('reverted');
    expect(said.after).toEqual(said.before);
  });

  it('knows no knob of the other scheduler', async () => {
    const body = `said.error = (await call('os.scheduler.set_params_staged', { values: { base_slice_ns: 3000000 } })).error;`;
    const { stdout } = await runModule(guest(), program('auto', body), { timeoutMs: 1_000_000 });
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'invalid',
      next: expect.stringContaining('min_granularity_ns'),
    });
  });
});

describe('in a guest with EEVDF', () => {
  const guest = useGuest({ kernel: 'scx', cpus: 2, extraFiles });

  it('a staged change goes back when its client is gone', async () => {
    const body = `
      said.before = knob('base_slice_ns');
      const value = Math.round(said.before * 1.2);
      const staged = await call('os.scheduler.set_params_staged', { values: { base_slice_ns: value }, ttl_sec: 600 });
      said.state = staged.change?.state ?? staged;
      said.inForce = [knob('base_slice_ns'), value];
      await client.close();
      const end = Date.now() + 600_000;
      while (knob('base_slice_ns') !== said.before && Date.now() < end) await new Promise((r) => setTimeout(r, 100));
      said.after = knob('base_slice_ns');`;
    const { status, stdout, stderr } = await runModule(guest(), program('auto', body), {
      timeoutMs: 1_000_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const said = JSON.parse(stdout);
    expect(said.state).toBe('staged');
    expect(said.inForce[0]).toBe(said.inForce[1]);
    expect(said.after).toBe(said.before);
  });

  it('says what takes the place of the paper’s knobs', async () => {
    const body = `said.error = (await call('os.scheduler.set_cfs_params_staged', { min_granularity_ns: 2000000 })).error;`;
    const { stdout } = await runModule(guest(), program('auto', body), { timeoutMs: 1_000_000 });
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'invalid',
      next: expect.stringContaining('base_slice_ns'),
    });
  });
});
