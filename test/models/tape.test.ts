import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkModel, parseModel } from '../../src/models/config.js';
import { ask, GOOD, modelOf, SECRET } from './servers/asked.js';
import { PROTOCOLS } from './servers/protocols.js';
import { type Server, send, serve } from './servers/serve.js';

const [gemini] = PROTOCOLS;
const given = { ...process.env };
let dir: string;
let server: Server;
let turn = 0;

beforeEach(async () => {
  process.env.GEMINI_API_KEY = SECRET;
  dir = mkdtempSync(join(tmpdir(), 'tunesmith-tape-'));
  turn = 0;
  server = await serve((_, response) => {
    const text = JSON.stringify({ analysis: `your key is ${SECRET}`, turn: ++turn });
    setTimeout(() => send(response, 200, gemini.reply(text)), 30);
  });
});
afterEach(async () => {
  process.env = { ...given };
  rmSync(dir, { recursive: true });
  await server.close();
});

const file = () => join(dir, 'run.tape');
const taped = (mode: string) => modelOf(gemini.config(server.url, { tape: { file: file(), mode } }));

it('records, and replays without server or key: values, usage, latency and price', async () => {
  const recorder = taped('record');
  const recorded = [await ask(recorder, 'one'), await ask(recorder, 'two'), await ask(recorder, 'one')];
  await server.close();
  delete process.env.GEMINI_API_KEY;
  for (const player of [taped('replay'), modelOf(parseModel(`tape:${file()}`))]) {
    const replayed = [await ask(player, 'two'), await ask(player, 'one'), await ask(player, 'one')];
    expect(replayed.map(({ value }) => value?.turn)).toEqual([2, 1, 3]);
    expect(replayed[1]?.latencyMs).toBe(recorded[0]?.latencyMs);
    expect(replayed[0]?.latencyMs).toBeGreaterThanOrEqual(25);
    const { latenciesMs: _, ...totals } = player.account;
    expect(totals).toMatchObject({
      calls: 3,
      inputTokens: 300,
      usd: recorder.account.usd,
      inputs: [100, 100, 100],
    });
  }
});

it('holds no secret and is for its owner alone', async () => {
  await ask(taped('record'), `what about ${SECRET}?`);
  const text = readFileSync(file(), 'utf8');
  expect(text).not.toContain(SECRET);
  expect(text.match(/\[redacted\]/g)).toHaveLength(2);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it('holds no secret of a program’s arguments either, and replays without it', async () => {
  const key = `sk-${'a1'.repeat(12)}`;
  const command = ['sh', '-c', `echo '${GOOD}' # ${key}`];
  const recorder = checkModel({ provider: 'command', command, tape: { file: file(), mode: 'record' } }, 'it');
  const { value } = await ask(modelOf(recorder), 'one');
  expect(readFileSync(file(), 'utf8')).not.toContain(key);
  expect((await ask(modelOf(parseModel(`tape:${file()}`)), 'one')).value).toEqual(value);
});

it('fails with a difference on what is not recorded', async () => {
  await ask(taped('record'), 'window 1: 59.9 ms');
  const error = await ask(taped('replay'), 'window 1: 61.2 ms').catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(/not on it; it differs.*− .*59\.9 ms.*\+ .*61\.2 ms/s);
  expect(server.seen).toHaveLength(1);
});

it('shows of requests of equal length only the lines that differ', async () => {
  await ask(taped('record'), 'window 1 of 4\nno change\nbest 59.9 ms');
  const error = await ask(taped('replay'), 'window 1 of 5\nno change\nbest 61.2 ms').catch(String);
  expect(error).toMatch(/−.*of 4\n− best 59\.9 ms.*\n\+.*of 5\n\+ best 61\.2 ms/);
});

it('fails when a request comes more often than it was recorded', async () => {
  await ask(taped('record'), 'one');
  const player = taped('replay');
  await ask(player, 'one');
  await expect(ask(player, 'one')).rejects.toThrow('more often than it was recorded');
});

it('auto calls only for what is missing', async () => {
  await ask(taped('auto'), 'one');
  const second = taped('auto');
  await ask(second, 'one');
  await ask(second, 'two');
  expect(server.seen).toHaveLength(2);
  await ask(taped('replay'), 'two');
});

it('blanks and the order of keys do not change a request; settings that decide do', async () => {
  await ask(taped('record'), 'one  line ');
  expect((await ask(taped('replay'), 'one line')).value?.turn).toBe(1);
  const warmer = gemini.config(server.url, { temperature: 1, tape: { file: file(), mode: 'replay' } });
  await expect(ask(modelOf(warmer), 'one line')).rejects.toThrow('temperature');
});

it.each(['record', 'auto'])(
  'refuses to %s onto the tape of another configuration, and says what differs',
  async (mode) => {
    await ask(taped('record'), 'one');
    const before = readFileSync(file(), 'utf8');
    const warmer = () => modelOf(gemini.config(server.url, { temperature: 1, tape: { file: file(), mode } }));
    expect(warmer).toThrow(/run\.tape.*another configuration:.*\+ .*"temperature": 1/s);
    expect(readFileSync(file(), 'utf8')).toBe(before);
    // The same configuration goes on recording where it left off.
    await ask(taped(mode), 'two');
    expect((await ask(taped('replay'), 'two')).value?.turn).toBe(2);
  },
);

it('refuses what is no tape', () => {
  expect(() => taped('replay')).toThrow('is not there');
  writeFileSync(file(), `{"tape":"tunesmith.tape/1","config":{}}\n{"key":"x"}\n`);
  expect(() => taped('auto')).toThrow('line 2 is no recorded call');
  writeFileSync(file(), 'notes\n');
  expect(() => taped('record')).toThrow('its first line is not JSON');
  writeFileSync(file(), GOOD);
  expect(() => parseModel(`tape:${file()}`)).toThrow('does not say what it was recorded with');
});
