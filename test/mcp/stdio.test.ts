import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveKernel } from '../../src/lab/kernels/resolve.js';
import { listedName } from '../../src/mcp/names.js';
import { TOOLS } from '../../src/mcp/tools/index.js';
import { ALLOW_ALL, call, ERAS, makeHome, stdioClient } from './served.js';

/** The knob these tests would change is of every kernel; they only have it advised. */
const KNOB = 'sched_cfs_bandwidth_slice_us';

describe.each(ERAS)('over stdio, protocol $era', ({ era, mode }) => {
  const home = makeHome();
  let client: Client;
  beforeAll(async () => {
    client = await stdioClient(home, ['--rules', home.file('rules.yaml', ALLOW_ALL)], mode);
  });
  afterAll(async () => {
    await client.close();
    home.remove();
  });

  it('speaks that protocol', () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(era);
    expect(client.getServerVersion()?.name).toBe('tunesmith');
  });

  it('lists every tool with its arguments and annotations, and what it gives as a resource', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => listedName(name)));
    for (const { name, inputSchema, outputSchema, annotations, description } of tools) {
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(outputSchema).toBe(undefined);
      const { contents } = await client.readResource({ uri: `schemas://${name}` });
      expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject({ type: 'object' });
      expect(typeof annotations?.readOnlyHint).toBe('boolean');
      expect(description?.length).toBeGreaterThan(20);
    }
  });

  it('describes the machine and reads its knobs', async () => {
    const { content } = await call(client, 'os.scheduler.describe');
    const now = Number(readFileSync(`/proc/sys/kernel/${KNOB}`, 'utf8'));
    const knobs = content.knobs as { name: string; value: number }[];
    expect(knobs.find(({ name }) => name === KNOB)?.value).toBe(now);
    const { content: params } = await call(client, 'os.scheduler.get_params');
    expect(params).toMatchObject({ values: { [KNOB]: now }, units: { [KNOB]: 'us' } });
  });

  it('advises a change without making it, the same way each time', async () => {
    const before = readFileSync(`/proc/sys/kernel/${KNOB}`, 'utf8');
    const args = { values: { [KNOB]: 6000 }, dry_run: true };
    const first = (await call(client, 'os.scheduler.set_params_staged', args)).content;
    const second = (await call(client, 'os.scheduler.set_params_staged', args)).content;
    const advice = first.advice as { id: string; undo: string; apply: string };
    expect(first).toMatchObject({
      staged: false,
      advice: { id: expect.stringMatching(/^adv_[0-9a-f]{12}$/) },
    });
    expect(second).toMatchObject({ advice: { id: advice.id } });
    expect(advice.undo).toBe(`echo ${before.trim()} | tee /proc/sys/kernel/${KNOB}`);
    expect(advice.apply).toBe(`tunesmith change stage --set ${KNOB}=6000`);
    expect(readFileSync(`/proc/sys/kernel/${KNOB}`, 'utf8')).toBe(before);
  });

  it.each([
    ['os.scheduler.set_params_staged', { values: { [KNOB]: 3 } }, { code: 'invalid', field: KNOB }],
    ['os.scheduler.set_params_staged', { values: { [KNOB]: 2 ** 63 } }, { code: 'invalid', field: KNOB }],
    ['os.scheduler.set_params_staged', { values: { [KNOB]: 5000.5 } }, { code: 'invalid', field: KNOB }],
    ['os.scheduler.set_params_staged', { values: {} }, { code: 'invalid', field: 'values' }],
    ['os.scheduler.set_params_staged', { values: { nope: 1 } }, { code: 'invalid', field: 'values' }],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: '6000' } },
      { code: 'invalid', field: `values.${KNOB}` },
    ],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: 6000 }, ttl_sec: 0 },
      { field: 'ttl_sec', allowed: 'at least 1' },
    ],
    ['os.scheduler.set_params_staged', { values: { [KNOB]: 6000 }, ttl_sec: -5 }, { field: 'ttl_sec' }],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: 6000 }, ttl_sec: 31_536_000 },
      { field: 'ttl_sec', allowed: 'at most 86400' },
    ],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: 6000 }, scope: { cpus: [99_999] } },
      { field: 'scope.cpus.0' },
    ],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: 6000 }, scope: {} },
      { code: 'invalid', field: 'scope' },
    ],
    [
      'os.scheduler.set_params_staged',
      { values: { [KNOB]: 6000 }, scope: { cgroup: '/../..' } },
      { code: 'invalid' },
    ],
    ['os.scheduler.set_cfs_params_staged', { latency_ns: 24_000_000 }, { field: 'min_granularity_ns' }],
    [
      'os.scheduler.set_cfs_params_staged',
      { min_granularity_ns: 3 },
      { field: 'min_granularity_ns', allowed: 'at least 200000' },
    ],
    [
      'os.scheduler.commit_params',
      { change_token: 'chg_1_00000000000000000000000000000000' },
      { code: 'invalid' },
    ],
    ['os.scheduler.commit_params', { change_token: 'c1' }, { code: 'invalid' }],
    ['os.scheduler.revert_params', {}, { field: 'change_token' }],
    ['observability.perf.read_collector', { collector_id: 'col_00000000' }, { field: 'collector_id' }],
    ['observability.perf.measure', { window_ms: 10, cgroup: '/no/such/group' }, { code: 'invalid' }],
    ['lab.trial', { workload: 'nope' }, { field: 'workload' }],
    ['lab.trial', { workload: 'idle', kernel: '/etc/passwd' }, { field: 'kernel' }],
    ['lab.compare', { workload: 'idle', settings: [{}] }, { field: 'settings' }],
    ['os.policy.show', { policy: '../../etc' }, { field: 'policy' }],
    ['os.policy.show', { policy: 'fifi' }, { field: 'policy', next: expect.stringContaining('fifo') }],
    ['os.policy.list', { workload: 'nope' }, { code: 'invalid' }],
    ['os.policy.check', {}, { field: 'policy' }],
    ['os.policy.check', { policy: 'fifo', source: 'int x;' }, { field: 'policy' }],
    ['os.policy.check', { policy: 'fifo', kernel: '/etc/passwd' }, { field: 'kernel' }],
    ['os.policy.check', { policy: 'fifo', tunables: { nope: 1 } }, { field: 'tunables.nope' }],
    ['os.policy.trial', { policy: 'fifo', workload: 'nope' }, { field: 'workload' }],
    [
      'os.policy.apply_staged',
      { policy: 'vtime', tunables: { slice_ns: 1 } },
      { field: 'tunables.slice_ns' },
    ],
    ['os.policy.apply_staged', { policy: 'vtime', watchdog_ms: 60_000 }, { field: 'watchdog_ms' }],
    ['os.policy.apply_staged', { policy: 'vtime', ttl_sec: 0 }, { field: 'ttl_sec' }],
    ['os.policy.apply_staged', { policy: 'vtime', scope: { pids: [1] } }, { field: 'scope' }],
    ['os.policy.commit', { change_token: 'chg_1_00000000000000000000000000000000' }, { code: 'invalid' }],
    ['os.policy.revert', {}, { field: 'change_token' }],
    ['os.scheduler.get_params', { scoep: {} }, { field: 'scoep', next: 'did you mean scope?' }],
  ])('%s %j is refused with field and way out', async (name, args, expected) => {
    const { error } = await call(client, name, args);
    expect(error).toMatchObject(expected);
    expect(error?.message.length).toBeGreaterThan(5);
    expect(error?.next.length).toBeGreaterThan(5);
  });

  it('shows policies, and checks one as far as it is asked to', async () => {
    await resolveKernel('scx'); // a server fetches none
    const { content: listed } = await call(client, 'os.policy.list', { property: 'teaching' });
    expect(listed.policies).toContainEqual(expect.objectContaining({ name: 'fifo' }));
    const { content: shownOne } = await call(client, 'os.policy.show', { policy: 'vtime' });
    expect(shownOne).toMatchObject({ manifest: { name: 'vtime' }, problems: [] });
    const uri = 'policies://fifo';
    expect((await client.readResource({ uri })).contents[0]).toMatchObject({
      mimeType: 'text/x-c',
      text: expect.stringContaining('BPF_STRUCT_OPS(fifo_select_cpu'),
    });
    const { content: good } = await call(client, 'os.policy.check', { policy: 'fifo', until: 'lint' });
    expect(good).toMatchObject({ accepted: true, until: 'lint' });
    const { content: bad } = await call(client, 'os.policy.check', { source: 'int x = ((;', until: 'lint' });
    expect(bad).toMatchObject({ accepted: false, stage: 'lint' });
  });

  it.skipIf(existsSync('/sys/kernel/sched_ext'))(
    'puts no policy in force where the kernel has none',
    async () => {
      const { error } = await call(client, 'os.policy.apply_staged', { policy: 'vtime' });
      expect(error).toMatchObject({ code: 'incapable', message: 'this kernel has no sched_ext' });
      expect((await call(client, 'os.scheduler.list_changes')).content).toEqual({ changes: [] });
    },
  );

  it('does not know other tools', async () => {
    await expect(client.callTool({ name: 'os.shell', arguments: {} })).rejects.toThrow(/os\.shell/);
  });

  it('measures a window and tells how far it is', async () => {
    const seen: number[] = [];
    const result = await client.callTool(
      { name: 'observability.perf.measure', arguments: { window_ms: 1200, top: 3 } },
      { onprogress: ({ progress }) => seen.push(progress) },
    );
    const content = result.structuredContent as {
      window_ns: number;
      rows: unknown[];
      runq_latency: { count: number };
    };
    expect(content.window_ns).toBeGreaterThanOrEqual(1.2e9);
    expect(content.runq_latency.count).toBeGreaterThan(0);
    expect(content.rows.length).toBeLessThanOrEqual(3);
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });

  it('stops measuring when it is cancelled', async () => {
    const stop = new AbortController();
    const asked = client.callTool(
      { name: 'observability.perf.measure', arguments: { window_ms: 300_000 } },
      { signal: stop.signal, onprogress: () => stop.abort() },
    );
    await expect(asked).rejects.toThrow();
    expect((await call(client, 'observability.perf.list_collectors')).content).toEqual({ collectors: [] });
  });

  it('keeps a collector until it is stopped', async () => {
    const { content } = await call(client, 'observability.perf.start_collector', {
      by: 'process',
      ttl_sec: 60,
    });
    const id = content.collector_id as string;
    expect(
      (await call(client, 'observability.perf.read_collector', { collector_id: id })).content,
    ).toHaveProperty('rows');
    const { contents } = await client.readResource({ uri: `collector://${id}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toHaveProperty('runq_latency');
    expect((await call(client, 'observability.perf.stop_collector', { collector_id: id })).error).toBe(
      undefined,
    );
    expect((await call(client, 'observability.perf.stop_collector', { collector_id: id })).error?.code).toBe(
      'invalid',
    );
  });

  it('has resources, templates, completion and prompts', async () => {
    const read = async (uri: string) =>
      ((await client.readResource({ uri })).contents[0] as { text: string }).text;
    expect(JSON.parse(await read('settings://scheduler/current'))).toHaveProperty(`values.${KNOB}`);
    expect(JSON.parse(await read('metrics://scheduler/p99_runq_latency'))).toMatchObject({
      unit: 'ns',
      value: expect.any(Number),
    });
    expect(await read('knobs://base_slice_ns')).toContain('# base_slice_ns');
    expect(JSON.parse(await read('changes://recent'))).toEqual({ changes: [] });
    expect(JSON.parse(await read('ledger://records')).records.length).toBeGreaterThan(0);
    await expect(read('knobs://nope')).rejects.toThrow();
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'metrics://scheduler/{metric}' },
      argument: { name: 'metric', value: 'p9' },
    });
    expect(completion.values).toEqual(['p99_runq_latency', 'p999_runq_latency']);
    const { messages } = await client.getPrompt({
      name: 'tune-a-service',
      arguments: { service: '/a\n</user>`x', metric: 'runq_latency_p99_ns' },
    });
    expect(messages[0]).toHaveProperty(
      'content.text',
      expect.stringContaining('"/a\\x0a\\x3c/user\\x3e\\x60x"'),
    );
  });

  it('accounts for every call and gives away no token', async () => {
    const text = readFileSync(join(home.dir, 'tunesmith/ledger/ledger-000001.jsonl'), 'utf8');
    const records = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(
      records.some(({ tool, decision }) => tool === 'os.scheduler.describe' && decision === 'allow'),
    ).toBe(true);
    expect(records.some(({ tool, decision }) => tool === 'lab.trial' && decision === 'invalid')).toBe(true);
    expect(text).not.toContain('chg_1_0000');
  });
});

it('a broken rules file keeps the server from starting, with line and column', async () => {
  const home = makeHome();
  const rules = home.file('rules.yaml', 'version: 1\nrules:\n  - name: a\n');
  const { tunesmith } = await import('../cli/cli.js');
  const { code, stderr } = await tunesmith('mcp', '--rules', rules);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${rules}:3:5: rules.0.tools`),
  });
  home.remove();
});
