import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Console } from '../../src/lab/console.js';

/** A console that was told these lines, and how often it called for the machine's end. */
async function heard(...chunks: (string | Buffer)[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let floods = 0;
  const console = new Console(stdout, stderr, () => floods++);
  for (const chunk of chunks) {
    stdout.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { console, floods: () => floods };
}

it('keeps the end of what was said, without control characters', async () => {
  const { console } = await heard('one\n', '\x1b[31mtwo\x07\u0000 three\r\n', Buffer.from([0xff, 0xfe]));
  expect(console.tail(600)).toBe('one\n[31mtwo three');
  expect(console.tail(5)).toBe('three');
  expect(console.verdict()).toBeNull();
});

it.each([
  [
    'Kernel panic - not syncing: Attempted to kill init! exitcode=0x7f00\r\n---[ end',
    'kernel panic: Attempted to kill init! exitcode=0x7f00',
  ],
  ['tunesmith-agent: open: /dev/x: No such file\r\n', 'agent: open: /dev/x: No such file'],
  ['qemu: could not load kernel', null],
])('reads the cause of an end from %j', async (text, verdict) => {
  const half = Math.floor(text.length / 2);
  expect((await heard(text.slice(0, half), text.slice(half))).console.verdict()).toBe(verdict);
});

it('calls for an end when it is flooded, and holds on to little of it', async () => {
  const chunk = 'spam '.repeat(20_000);
  const { console, floods } = await heard(...Array(10).fill(chunk));
  expect(floods()).toBe(0);
  const flood = await heard(...Array(11).fill(chunk));
  expect(flood.floods()).toBeGreaterThan(0);
  expect(flood.console.verdict()).toBe('its console output passed 1 MiB');
  expect(console.tail(1e9).length).toBeLessThanOrEqual(64 * 1024);
});
