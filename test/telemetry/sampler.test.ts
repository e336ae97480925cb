import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Sampler, TunesmithError } from '../../src/index.js';
import { native } from '../../src/native.js';
import { onThisMachine, samplerTests } from './scenarios.js';

// Where even root may load no BPF (a container), the guests' tests (test/guest/sampler.test.ts) have to do.
const capable = native().bpf().program.ok;

describe.runIf(capable)('on this machine', () => samplerTests(onThisMachine));

describe.runIf(capable)('a sampler', () => {
  it('opened and closed often leaves nothing behind', async () => {
    const used = (await onThisMachine('cycles')) as Record<'before' | 'after', { fds: number; rss: number }>;
    expect(used.after.fds).toBe(used.before.fds);
    expect(used.after.rss - used.before.rss).toBeLessThan(24e6);
  });

  it('ends with close, twice if need be', () => {
    const sampler = Sampler.open({ by: 'nothing' });
    sampler.close();
    sampler.close();
    expect(() => sampler.snapshot()).toThrow(/^the sampler is closed$/);
  });

  it('ends its events when it is closed, and when they are no longer wanted', async () => {
    const sampler = Sampler.open({ outlierNs: 1e12 });
    const none = async (signal?: AbortSignal) => {
      for await (const _ of sampler.events(signal)) throw new Error('nobody waits so long');
    };
    await none(AbortSignal.timeout(30));
    const waiting = none();
    setTimeout(() => sampler.close(), 30);
    await waiting;
  });

  it('refuses a delta between two samplers, or backwards', () => {
    using one = Sampler.open();
    using other = Sampler.open();
    const [first, second, foreign] = [one.snapshot(), one.snapshot(), other.snapshot()];
    expect(second.since(first).lastedNs).toBe(second.atNs - first.atNs);
    for (const wrong of [() => second.since(foreign), () => first.since(second)])
      expect(wrong).toThrow(/earlier snapshot of the same sampler/);
  });

  it('runs in workers, which may be terminated at any moment', async () => {
    using sampler = Sampler.open();
    const url = new URL('../../dist/index.js', import.meta.url).href;
    const code = `import(${JSON.stringify(url)}).then(async ({ Sampler }) => {
      const sampler = Sampler.open({ outlierNs: 1 });
      require('node:worker_threads').parentPort.postMessage('open');
      for await (const event of sampler.events()) sampler.snapshot().overall('latency');
    })`;
    for (let i = 0; i < 4; i++) {
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      await new Promise((resolve) => setTimeout(resolve, i * 7));
      await worker.terminate();
    }
    expect(sampler.snapshot().cpus.length).toBeGreaterThan(0);
  });

  it('says which events it counts, and why others are not', () => {
    using sampler = Sampler.open({ pmc: ['cycles', 'instructions', 'page-faults'] });
    const { ok } = native().pmu();
    expect(sampler.counted).toContain('page-faults');
    expect(sampler.counted.includes('cycles')).toBe(ok);
    expect(sampler.pmcRefusal === '').toBe(ok);
    const busy = Date.now() + 50;
    while (Date.now() < busy);
    const [cpu] = sampler.snapshot().cpus;
    if (!ok)
      expect(cpu).toMatchObject({ ipc: undefined, pmc: { 'page-faults': { scaled: false, share: 1 } } });
  });
});

describe('bad options', () => {
  const cases: [object, RegExp][] = [
    [{ sampleEvery: 0 }, /^sampleEvery: 0 is refused: /],
    [{ keys: 2 }, /^keys: 2 is refused: /],
    [{ by: 'thread' }, /^by: "thread" is refused: .*task/],
    [{ budget: 2 }, /^budget: 2 is refused: /],
    [{ outlierNs: -1 }, /^outlierNs: -1 is refused: /],
    [{ pmc: ['cyclez'] }, /^pmc\.0: "cyclez" is refused: .*cycles/],
    [{ evry: 3 }, /^evry: 3 is no option$/],
    [{ cgroup: '/nowhere' }, /^cgroup \/nowhere: No such file/],
    [{ cgroup: '/proc' }, /^\/proc is no cgroup/],
    [{ cpus: [8000] }, /^CPU 8000 does not exist$/],
  ];
  it.each(cases)('%j is refused by name', (options, words) => {
    const open = () => Sampler.open(options);
    expect(open).toThrow(TunesmithError);
    expect(open).toThrow(words);
    expect(open).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
