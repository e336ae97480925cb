/** Standard input and output line by line, without a client that would keep to the protocol. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { MAIN } from '../cli/cli.js';
import { ALLOW_ALL, makeHome } from './served.js';

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { progressToken?: unknown; progress: number };
  readonly result?: {
    content: { text: string }[];
    structuredContent?: Record<string, unknown>;
    contents: { text: string }[];
  };
  readonly error?: { code: number; message: string };
}
type Line = Message | Message[];

const home = makeHome();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

/** A server, initialized for a protocol version. */
async function speak(version: string) {
  const rules = home.file('rules.yaml', ALLOW_ALL);
  const child = spawn(process.execPath, [MAIN, 'mcp', '--rules', rules], {
    env: home.env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const say = (text: string): void => void child.stdin.write(`${text}\n`);
  const send = (message: object): void => say(JSON.stringify({ jsonrpc: '2.0', ...message }));
  const hear = async (): Promise<Line> => JSON.parse((await lines.next()).value as string) as Line;
  const ask = async (message: object): Promise<Message> => {
    send(message);
    return (await hear()) as Message;
  };
  const clientInfo = { name: 'raw', version: '1' };
  await ask({
    id: 'i',
    method: 'initialize',
    params: { protocolVersion: version, capabilities: {}, clientInfo },
  });
  send({ method: 'notifications/initialized' });
  return { say, send, hear, ask };
}
const PING = '{"jsonrpc":"2.0","id":7,"method":"ping"}';

it.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
  'answers what is no message, protocol %s',
  async (version) => {
    const { say, hear } = await speak(version);
    for (const [text, code, id] of [
      ['{"jsonrpc":"2.0",', -32700, null],
      ['nonsense', -32700, null],
      ['null', -32600, null],
      ['1', -32600, null],
      ['"text"', -32600, null],
      ['{}', -32600, null],
      ['{"jsonrpc":"1.0","id":3,"method":"ping"}', -32600, 3],
      ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":4,"method":5}', -32600, 4],
      ['{"jsonrpc":"2.0","id":4,"method":"ping","params":[1]}', -32600, 4],
      ['{"jsonrpc":"2.0","id":4,"method":"ping","result":{}}', -32600, 4],
      ['[]', -32600, null],
    ] as const) {
      say(text);
      expect(await hear(), text).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    }
    say('');
    say(PING);
    expect(await hear()).toMatchObject({ id: 7, result: {} });
  },
);

it('answers a batch by a batch, in the one revision that has them', async () => {
  const { say, hear } = await speak('2025-03-26');
  const call = (id: unknown) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'os_scheduler_get_params' },
  });
  say(
    JSON.stringify([
      call('a'),
      { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } },
      5,
      call('b'),
    ]),
  );
  const answers = (await hear()) as Message[];
  expect(answers.map(({ id }) => id).sort()).toEqual(['a', 'b', null].sort());
  expect(answers.find(({ id }) => id === null)?.error?.code).toBe(-32600);
  // Notifications alone have no answer; what is cancelled has none, and keeps no other from its answer.
  say('[{"jsonrpc":"2.0","method":"notifications/initialized"}]');
  const slow = {
    jsonrpc: '2.0',
    id: 'slow',
    method: 'tools/call',
    params: { name: 'observability_perf_measure', arguments: { window_ms: 300_000 } },
  };
  say(JSON.stringify([slow, JSON.parse(PING)]));
  say('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"slow"}}');
  expect(await hear()).toEqual([expect.objectContaining({ id: 7 })]);
});

it.each(['2025-06-18', '2025-11-25'])('refuses batches in %s', async (version) => {
  const { say, hear } = await speak(version);
  say(`[${PING}]`);
  expect(await hear()).toMatchObject({
    id: null,
    error: { code: -32600, message: expect.stringContaining(version) },
  });
});

it('carries a large answer once, and as text alone where the protocol has nothing else', async () => {
  const call = {
    id: 1,
    method: 'tools/call',
    params: { name: 'lab_workloads', arguments: { workload: 'mixed' } },
  };
  const now = (await (await speak('2025-06-18')).ask(call)).result;
  const json = JSON.stringify(now?.structuredContent);
  expect(json.length).toBeGreaterThan(3000);
  expect(now?.content[0]?.text.length).toBeLessThanOrEqual(2400);
  const before = (await (await speak('2025-03-26')).ask(call)).result;
  expect(before).not.toHaveProperty('structuredContent');
  expect(JSON.parse(before?.content[0]?.text ?? '')).toEqual(now?.structuredContent);
});

it('calls a tool by every spelling', async () => {
  const { ask } = await speak('2025-11-25');
  for (const name of ['os_scheduler_get_params', 'os.scheduler.get_params', 'os.scheduler/get_params'])
    expect(
      (await ask({ id: 1, method: 'tools/call', params: { name } })).result?.structuredContent,
    ).toHaveProperty('values');
});

it('has a record of a call whose arguments are nested 100,000 deep', async () => {
  const { say, hear, ask } = await speak('2025-11-25');
  for (const [open, close, deepest] of [
    ['[', ']', ''],
    ['{"a":', '}', '1'],
  ] as const) {
    const args = `{"x":${open.repeat(100_000)}${deepest}${close.repeat(100_000)}}`;
    say(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lab_trial","arguments":${args}}}`);
    expect(await hear()).toMatchObject({ id: 1, result: { isError: true } });
  }
  expect(await ask({ id: 2, method: 'ping' })).toMatchObject({ id: 2 });
  const ledger = readFileSync(join(home.dir, 'tunesmith/ledger/ledger-000001.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const calls = ledger.map((line) => JSON.parse(line)).filter(({ tool }) => tool === 'lab.trial');
  expect(calls).toHaveLength(2);
  for (const line of ledger) expect(line.length).toBeLessThan(20_000);
});

it('lists rows by CPU, wait, switches or p99, with their cgroups’ paths', async () => {
  const { ask } = await speak('2025-11-25');
  for (const [sort, field] of [
    ['cpu', 'running'],
    ['wait', 'waiting'],
    ['switches', 'switches_per_s'],
    ['p99', 'runq_p99_ns'],
  ] as const) {
    const args = { window_ms: 300, sort, top: 5 };
    const { result } = await ask({
      id: 1,
      method: 'tools/call',
      params: { name: 'observability_perf_measure', arguments: args },
    });
    const rows = result?.structuredContent?.rows as Record<string, number | string | null>[];
    const figures = rows.map((row) => Number(row[field] ?? 0));
    expect(figures).toEqual([...figures].sort((a, b) => b - a));
    expect(rows.length).toBeLessThanOrEqual(5);
    for (const { cgroup } of rows) expect(cgroup === null || String(cgroup).startsWith('/')).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(6000);
  }
});
