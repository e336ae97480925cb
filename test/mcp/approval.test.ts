/** Approvals end to end. The call that is asked about changes nothing: it keeps a collector. */

import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN } from '../cli/cli.js';
import { call, ERAS, makeHome, stdioClient } from './served.js';

const TOOL = 'observability.perf.start_collector';
const RULES = `version: 1
rules:
  - { name: careful, tools: [${TOOL}], decide: ask }
  - { name: rest, tools: ["**"], decide: allow }
`;
const answering = (answer: ElicitResult, seen: string[] = []) => ({
  options: { capabilities: { elicitation: { form: {} } } },
  with: (client: Client) =>
    client.setRequestHandler('elicitation/create', ({ params }) => {
      seen.push(params.message);
      return answer;
    }),
});

describe.each(ERAS)('asking, protocol $era', ({ mode }) => {
  const home = makeHome();
  let rules: string;
  beforeAll(() => {
    rules = home.file('rules.yaml', RULES);
  });
  afterAll(() => home.remove());

  const collectors = async (client: Client) =>
    ((await call(client, 'observability.perf.list_collectors')).content.collectors as unknown[]).length;

  it('goes through the client where it can ask, once for each call', async () => {
    const seen: string[] = [];
    const yes: ElicitResult = { action: 'accept', content: { approve: true, justification: 'a test' } };
    const client = await stdioClient(home, ['--rules', rules], mode, answering(yes, seen));
    expect((await call(client, TOOL, { ttl_sec: 9 })).error).toBe(undefined);
    expect((await call(client, TOOL, { ttl_sec: 9 })).error).toBe(undefined);
    expect(await collectors(client)).toBe(2);
    expect(seen).toHaveLength(2);
    expect(seen[0]).toContain(`agent:stdio wants to call ${TOOL}`);
    expect(seen[0]).toContain('Rule careful');
    await client.close();
  });

  it.each<[string, ElicitResult]>([
    ['a refusal', { action: 'decline' }],
    ['a closed window', { action: 'cancel' }],
    ['an unticked box', { action: 'accept', content: { approve: false } }],
  ])('takes %s as no', async (_, answer) => {
    const client = await stdioClient(home, ['--rules', rules], mode, answering(answer));
    const { error } = await call(client, TOOL, { ttl_sec: 8 });
    expect(error).toMatchObject({ code: 'denied', rule: 'careful', next: expect.any(String) });
    expect(await collectors(client)).toBe(0);
    await client.close();
  });

  it('goes out of band where the client cannot ask: another person approves that one call', async () => {
    const client = await stdioClient(home, ['--rules', rules], mode);
    const approve = (...args: string[]) =>
      execa(process.execPath, [MAIN, 'approve', ...args], { env: home.env, reject: false });
    const { error } = await call(client, TOOL, { ttl_sec: 7 });
    const id = error?.approval_id as string;
    expect(error).toMatchObject({
      code: 'approval_required',
      rule: 'careful',
      next: expect.stringContaining(`tunesmith approve ${id}`),
    });
    expect((await call(client, TOOL, { ttl_sec: 7 })).error?.approval_id).toBe(id);
    expect((await approve('--list')).stdout).toContain(id);
    expect((await approve(id)).exitCode).toBe(2); // without a justification
    expect((await approve(id, '--why', 'measured on a quiet machine')).stdout).toBe(`${id} is approved`);
    expect((await call(client, TOOL, { ttl_sec: 6 })).error?.code).toBe('approval_required'); // another call
    expect((await call(client, TOOL, { ttl_sec: 7 })).error).toBe(undefined);
    expect((await call(client, TOOL, { ttl_sec: 7 })).error?.code).toBe('approval_required'); // used up
    expect((await approve(id, '--why', 'again')).exitCode).toBe(1);
    expect(await collectors(client)).toBe(1);
    await client.close();
  });
});

describe('state that a client carries', () => {
  const home = makeHome();
  let client: Client;
  beforeAll(async () => {
    const prepare = {
      options: { capabilities: { elicitation: { form: {} } }, inputRequired: { autoFulfill: false } },
    };
    client = await stdioClient(home, ['--rules', home.file('rules.yaml', RULES)], 'auto', prepare);
  });
  afterAll(async () => {
    await client.close();
    home.remove();
  });

  const accept = { approval: { action: 'accept', content: { approve: true } } };
  const ask = async (args: object): Promise<string> => {
    const asked = (await client.callTool(
      { name: TOOL, arguments: { ...args } },
      { allowInputRequired: true },
    )) as unknown as { requestState: string; inputRequests: object };
    expect(Object.keys(asked.inputRequests)).toEqual(['approval']);
    return asked.requestState;
  };
  const answer = (args: object, requestState: string) =>
    client.callTool({ name: TOOL, arguments: { ...args }, inputResponses: accept, requestState } as never, {
      allowInputRequired: true,
    });

  it('is taken once, for the call it was made for', async () => {
    const state = await ask({ ttl_sec: 11 });
    const other = (await answer({ ttl_sec: 12 }, state)) as unknown as { inputRequests?: object };
    expect(other.inputRequests).toBeDefined(); // asked anew, about that call
    expect((await answer({ ttl_sec: 11 }, state)).isError).not.toBe(true);
    expect((await answer({ ttl_sec: 11 }, state)).isError).toBe(true);
  });

  it('is refused when it was tampered with or made up', async () => {
    const state = await ask({ ttl_sec: 13 });
    const [version, body, mac] = state.split('.') as [string, string, string];
    const forged = Buffer.from(body, 'base64url').toString().replace('"approval":"ap_', '"approval":"ap_0');
    for (const bad of [
      `${version}.${Buffer.from(forged).toString('base64url')}.${mac}`,
      'v1.e30.AAAA',
      'x',
      `${state}x`,
    ])
      await expect(answer({ ttl_sec: 13 }, bad)).rejects.toThrow(/requestState/);
  });
});
