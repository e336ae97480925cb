import { spawn } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Gate } from '../../src/lab/gate.js';
import { filesIn, scratchCache } from './scratch.js';

const cache = scratchCache([]);

async function gates(): Promise<[Gate, Gate]> {
  const pair = await Gate.pair();
  onTestFinished(() => {
    for (const gate of pair) gate.close();
  });
  return pair;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Another process that writes a byte to gates A and B in turn, as the guest does, and says how far it has come. */
function walker([a, b]: readonly [Gate, Gate]) {
  const steps = [3, 4, 3, 4].map((fd, i) => `printf x > /proc/self/fd/${fd}; echo past ${i + 1}`);
  const child = spawn('sh', ['-c', `echo at the door; ${steps.join('; ')}`], {
    stdio: ['ignore', 'pipe', 'inherit', a.fd, b.fd],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let heard = '';
  child.stdout?.on('data', (text) => {
    heard += text;
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { lines: () => heard.trim().split('\n').length, gone };
}

describe('a gate', () => {
  it('is full to the last byte when shut, also after it was partly drained', async () => {
    const [gate] = await gates();
    const full = () => expect(() => writeSync(gate.fd, 'x')).toThrow(/EAGAIN/);
    full();
    readSync(gate.fd, Buffer.alloc(4097));
    gate.shut();
    full();
  });

  it('lets one write after another through when drained, and none before', async () => {
    const pair = await gates();
    const { lines, gone } = walker(pair);
    for (const [passed, gate] of [pair[0], pair[1], pair[0], pair[1]].entries()) {
      await expect.poll(lines).toBe(passed + 1);
      await pause(100); // a gate that leaks would let it on in this time
      expect(lines()).toBe(passed + 1);
      gate.drain();
      await expect.poll(lines).toBe(passed + 2);
      gate.shut();
    }
    expect(await gone).toBe(0);
  });

  it('leaves no file behind, open or closed', async () => {
    await gates();
    expect(filesIn(join(cache, 'run'))).toEqual([]);
  });
});
