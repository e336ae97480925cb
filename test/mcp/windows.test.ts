import { describe, expect, it, onTestFinished } from 'vitest';
import { inWindow, WINDOWS } from '../../src/mcp/desk/windows.js';
import { native } from '../../src/native.js';

describe.runIf(native().bpf().program.ok)('windows that are measured at once', () => {
  it('are bounded over all callers, and each gives its place back, also when it fails', async () => {
    let end = (): void => {};
    const gate = new Promise<void>((resolve) => {
      end = resolve;
    });
    const order: string[] = [];
    const ticks = setInterval(() => order.push('tick'), 1);
    onTestFinished(() => clearInterval(ticks));
    const running = Array.from({ length: WINDOWS }, (_, i) =>
      inWindow({ by: 'nothing' }, async () => {
        order.push('open');
        await gate;
        if (i === 0) throw new Error('it failed');
        return i;
      }),
    );
    const ended = Promise.allSettled(running);
    await expect(inWindow({ by: 'nothing' }, async () => 0)).rejects.toMatchObject({
      code: 'rejected',
      hint: expect.stringContaining('when one has ended'),
    });
    await expect.poll(() => order.filter((what) => what === 'open').length).toBe(WINDOWS);
    // Timers have their turn between any two: a lease is renewed by one.
    expect(order.join(' ')).not.toContain('open open');
    end();
    expect((await ended).map(({ status }) => status)).toEqual([
      'rejected',
      ...Array<string>(WINDOWS - 1).fill('fulfilled'),
    ]);
    await expect(inWindow({ by: 'nothing', processes: [-1] } as never, async () => 0)).rejects.toThrow();
    for (let again = 0; again < 2; again++)
      expect(await inWindow({ by: 'nothing' }, async () => again)).toBe(again);
  });
});
