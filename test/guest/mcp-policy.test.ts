/** A policy over real MCP: client, server and a kernel with sched_ext in one guest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeEntries } from '../../src/lab/closure.js';
import type { Entry } from '../../src/lab/cpio.js';
import { GUEST_ROOT, PROJECT_ROOT, runtimePackages } from '../../src/lab/functional/project.js';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { findPolicy } from '../../src/policies/catalogue.js';
import { compilePolicy } from '../../src/verify/compile.js';
import { runModule, useGuest } from './guest.js';

// Clients and servers start Node anew, which takes an emulated CPU seconds, and a busy host many.

const kernel = await resolveKernel('scx');
const CLIENT = join(PROJECT_ROOT, 'node_modules/@modelcontextprotocol/client');

/** Guests have no compiler: the object lies where an operator puts one that was made elsewhere. */
async function ready(name: string): Promise<Entry> {
  const { object } = await compilePolicy({ source: readFileSync(findPolicy(name).source, 'utf8'), kernel });
  if (!object) throw new Error(`${name} does not compile`);
  const path = `/var/lib/tunesmith/policies/${kernel.release}/${name}.bpf.o`;
  return { kind: 'file', path, mode: 0o644, body: readFileSync(object.path) };
}

const extraFiles = [
  ...[CLIENT, ...runtimePackages(CLIENT)].flatMap((home) =>
    treeEntries(home, join(GUEST_ROOT, home.slice(PROJECT_ROOT.length))),
  ),
  await ready('vtime'),
];
const guest = useGuest({ kernel: 'scx', cpus: 2, extraFiles });

const RULES = `version: 1
rules:
  - name: knobs-only
    tools: ["os.**"]
    knobs: [base_slice_ns]
    decide: allow
  - name: vtime
    tools: ["os.policy.*"]
    policies: [vtime]
    limits: { slice_ns: { max_step: 50% } }
    decide: allow
  - name: look
    tools: [os.policy.list, os.policy.show, os.scheduler.list_changes, resource.ledger]
    decide: allow
`;

/** `call(name, args)` gives structured content, \`ops()\` the kernel's own word, \`open()\` a server of its own. */
const program = (body: string): string => `
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
writeFileSync('/tmp/rules.yaml', ${JSON.stringify(RULES)});
const ROOT = '/sys/kernel/sched_ext/';
const ops = () => existsSync(ROOT + 'root/ops') ? readFileSync(ROOT + 'root/ops', 'utf8').trim() : readFileSync(ROOT + 'state', 'utf8').trim();
const until = async (wanted) => { for (let i = 0; i < 9000 && ops() !== wanted; i++) await sleep(100); return ops(); };
const open = async () => {
  const client = new Client({ name: 'guest', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const transport = new StdioClientTransport({ command: 'tunesmith', args: ['mcp', '--rules', '/tmp/rules.yaml'], env: process.env, stderr: 'inherit' });
  await client.connect(transport, { timeout: 900_000 });
  const call = async (name, args = {}) => (await client.callTool({ name, arguments: args }, { timeout: 900_000 })).structuredContent;
  return { client, call, pid: transport.pid };
};
/** Emulated CPUs of a busy host keep tasks waiting for long: that is no stall. */
const POLICY = { policy: 'vtime', watchdog_ms: 30000 };
const said = {};
${body}
console.log(JSON.stringify(said));
process.exit(0);
`;

async function run(body: string): Promise<ReturnType<typeof JSON.parse>> {
  const { status, stdout, stderr } = await runModule(guest(), program(body), { timeoutMs: 1_000_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('a policy', () => {
  it('is staged, in force, committed by its token, and reverted; the rules and the kind of token hold', async () => {
    const said = await run(`
      const { call, client } = await open();
      said.listed = await call('os.policy.list', { workload: 'mixed' });
      said.wrong = (await call('os.policy.apply_staged', { policy: 'vtme' })).error;
      said.denied = (await call('os.policy.apply_staged', { policy: 'fifo' })).error;
      said.tooFar = (await call('os.policy.apply_staged', { ...POLICY, tunables: { slice_ns: 9_000_000 } })).error;
      said.unknown = (await call('os.policy.apply_staged', { ...POLICY, tunables: { slice: 1 } })).error;
      const advised = await call('os.policy.apply_staged', { ...POLICY, dry_run: true });
      said.advised = [advised, ops()];
      const staged = await call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600, idempotency_key: 'once' });
      said.staged = staged; said.inForce = ops();
      said.again = await call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600, idempotency_key: 'once' });
      said.second = (await call('os.policy.apply_staged', { ...POLICY, ttl_sec: 500 })).error;
      said.crossed = (await call('os.scheduler.commit_params', { change_token: staged.change_token })).error;
      said.committed = await call('os.policy.commit', { change_token: staged.change_token });
      said.kept = ops();
      said.reverted = await call('os.policy.revert', { change_token: staged.change_token });
      said.after = ops();
      said.records = (await client.readResource({ uri: 'ledger://records' }, { timeout: 900_000 })).contents[0].text;`);
    expect(said.listed).toMatchObject({ supported: true, in_force: null });
    expect(said.wrong).toMatchObject({ code: 'invalid', next: expect.stringContaining('vtime') });
    expect(said.denied).toMatchObject({ code: 'denied' });
    expect(said.tooFar).toMatchObject({ code: 'denied', rule: 'vtime', field: 'slice_ns' });
    expect(said.unknown).toMatchObject({ code: 'invalid', field: 'tunables.slice' });
    expect(said.advised).toEqual([expect.objectContaining({ staged: false }), 'disabled']);
    expect(said.staged).toMatchObject({ staged: true, change: { state: 'staged', policy: 'vtime' } });
    expect(said.inForce).toBe('vtime');
    expect(said.again).toMatchObject({ repeated: true, change_token: said.staged.change_token });
    expect(said.second).toMatchObject({
      code: 'incapable',
      message: expect.stringContaining('vtime is in force'),
    });
    expect(said.crossed).toMatchObject({
      code: 'rejected',
      next: expect.stringContaining('os_policy_commit'),
    });
    expect([said.committed.change.state, said.kept]).toEqual(['committed', 'vtime']);
    expect(said.reverted.change).toMatchObject({ state: 'reverted', items: [{ fate: 'put back' }] });
    expect(said.after).toBe('disabled');
    const changes = JSON.parse(said.records).records.filter(
      ({ kind }: { kind: string }) => kind === 'change',
    );
    expect(changes.map(({ decision }: { decision: string }) => decision)).toEqual([
      'staged',
      'committed',
      'reverted',
    ]);
    expect(changes[0].details.policy).toBe('vtime');
  });

  it('goes when its time is up', async () => {
    const said = await run(`
      const { call } = await open();
      const staged = await call('os.policy.apply_staged', { ...POLICY, ttl_sec: 2 });
      said.state = staged.change?.state ?? staged; said.after = await until('disabled');
      await sleep(1500);
      [said.change] = (await call('os.scheduler.list_changes')).changes;
      said.late = (await call('os.policy.commit', { change_token: staged.change_token })).error;`);
    expect([said.state, said.after]).toEqual(['staged', 'disabled']);
    expect(said.change).toMatchObject({ policy: 'vtime', state: 'expired', end_reason: 'ttl' });
    expect(said.late).toMatchObject({
      code: 'rejected',
      message: expect.stringContaining('its time ran out'),
    });
  });

  it('goes with the server that is killed, or with its deadman', async () => {
    const said = await run(`
      const one = await open();
      await one.call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 });
      said.first = ops();
      process.kill(one.pid, 'SIGKILL');
      said.afterNode = await until('disabled');
      const two = await open();
      await two.call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 });
      said.second = ops();
      process.kill(Number(execFileSync('pgrep', ['-nx', 'tunesmith-deadm'], { encoding: 'utf8' })), 'SIGKILL');
      said.afterDeadman = await until('disabled');
      await sleep(2000);
      said.changes = (await two.call('os.scheduler.list_changes', { limit: 2 })).changes.map(({ state, end_reason }) => [state, end_reason]);
      const { change_token } = await two.call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 });
      await two.call('os.policy.commit', { change_token });
      process.kill(Number(execFileSync('pgrep', ['-nx', 'tunesmith-deadm'], { encoding: 'utf8' })), 'SIGKILL');
      said.afterKeeper = await until('disabled');
      await sleep(2000);
      said.again = (await two.call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 })).staged;`);
    expect([said.first, said.afterNode]).toEqual(['vtime', 'disabled']);
    // A death is no fault of the policy's: the breaker stays closed.
    expect([said.afterKeeper, said.again]).toEqual(['disabled', true]);
    expect([said.second, said.afterDeadman]).toEqual(['vtime', 'disabled']);
    expect(said.changes).toEqual([
      ['expired', 'deadman'],
      ['expired', 'owner'],
    ]);
  });

  it('stays when it is committed and its server ends, and another server’s operator ends it', async () => {
    const said = await run(`
      const one = await open();
      const { change_token, change } = await one.call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 });
      await one.call('os.policy.commit', { change_token });
      await one.client.close();
      await sleep(3000);
      said.kept = ops();
      const two = await open();
      said.state = (await two.call('os.scheduler.list_changes')).changes[0].state;
      execFileSync('tunesmith', ['change', 'revert', change.id]);
      said.after = ops();
      said.left = execFileSync('sh', ['-c', 'sleep 1; pgrep -x tunesmith-deadm | wc -l'], { encoding: 'utf8' }).trim();`);
    expect(said).toEqual({ kept: 'vtime', state: 'committed', after: 'disabled', left: '0' });
  });

  it('that is ejected from outside is told, and may not come back at once', async () => {
    const said = await run(`
      const { call } = await open();
      const { change_token } = await call('os.policy.apply_staged', { ...POLICY, ttl_sec: 600 });
      await call('os.policy.commit', { change_token });
      writeFileSync('/proc/sysrq-trigger', 'S');
      said.after = await until('disabled');
      await sleep(2500);
      [said.change] = (await call('os.scheduler.list_changes')).changes;
      said.again = (await call('os.policy.apply_staged', POLICY)).error;`);
    expect(said.after).toBe('disabled');
    expect(said.change).toMatchObject({
      state: 'reverted',
      end_reason: 'ejected',
      items: [{ fate: 'as before' }],
    });
    expect(said.change.notes.join()).toContain('ejected vtime');
    expect(said.again).toMatchObject({ code: 'rejected', next: expect.stringContaining('tried again in') });
  });
});
