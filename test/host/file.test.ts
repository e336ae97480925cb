import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FileSetting } from '../../src/host/file.js';
import { offer } from '../../src/host/offer.js';
import { writeError } from '../../src/host/probes/files.js';
import type { Setting } from '../../src/host/setting.js';
import { tree } from './fixture.js';
import { Steps } from './steps.js';

const KNOB = 'sched_cfs_bandwidth_slice_us';
const PATH = `/proc/sys/kernel/${KNOB}`;

/** The real sysctl, put back by the test too, should what is tested fail. */
function sysctl(): { setting: Steps; before: string } {
  const before = readFileSync(PATH, 'utf8');
  onTestFinished(() => writeFileSync(PATH, before));
  const setting = new Steps<Setting>(new FileSetting(KNOB, PATH), { kind: 'load' }, { dir: tree() });
  return { setting, before: before.trim() };
}

const now = (): string => readFileSync(PATH, 'utf8').trim();

describe.skipIf(writeError(PATH) !== '')('a sysctl', () => {
  it('is offered, set, read back and put back', async () => {
    expect(offer('eevdf', { kind: 'load' }).settings.map(({ knob }) => knob)).toContain(KNOB);
    const { setting, before } = sysctl();
    expect(setting.before).toBe(Number(before));
    await setting.set(7777);
    expect([now(), setting.read()]).toEqual(['7777', 7777]);
    await setting.set(8888);
    await setting.restore();
    expect([now(), setting.remarks()]).toEqual([before, []]);
  });

  it('that somebody else changed after us is not overwritten, by the next value or by the former', async () => {
    const { setting } = sysctl();
    await setting.set(7777);
    writeFileSync(PATH, '6666');
    expect(() => setting.read()).toThrow(
      `${KNOB} (${PATH}) was changed by somebody else, from 7777 to 6666: left as it is`,
    );
    await expect(setting.set(8888)).rejects.toThrow('was changed by somebody else');
    await setting.restore();
    expect(now()).toBe('6666');
    expect(setting.remarks()).toHaveLength(1);
  });

  it('that somebody else changed before we did is theirs too', async () => {
    const { setting } = sysctl();
    writeFileSync(PATH, '6666');
    expect(setting.read()).toBe(6666);
    expect(setting.remarks()[0]).toContain('was changed by somebody else');
    await expect(setting.set(8888)).rejects.toThrow('was changed by somebody else');
    expect(now()).toBe('6666');
  });

  it('that is put back twice, or never was set, is left alone', async () => {
    const { setting, before } = sysctl();
    await setting.restore();
    await setting.set(7777);
    await setting.restore();
    writeFileSync(PATH, '6666');
    await setting.restore();
    expect(now()).toBe('6666');
    writeFileSync(PATH, before);
    expect(setting.remarks()).toEqual([]);
  });
});

describe('a file', () => {
  it('that is gone is told; one that never was is an error', () => {
    const root = tree({ knob: '5\n' });
    expect(() => new FileSetting('knob', join(root, 'none'))).toThrow('is not there');
    const setting = new FileSetting('knob', join(root, 'knob'));
    expect(setting.before).toBe(5);
    rmSync(join(root, 'knob'));
    expect(() => setting.prepare()).toThrow('is gone');
  });
});

describe('what this machine refuses', () => {
  const { settings, refused } = offer('eevdf', { kind: 'load' });

  it('is told with the reason; every knob is either offered or refused', () => {
    const names = [...settings, ...refused].map(({ knob }) => knob);
    expect(new Set(names)).toEqual(
      new Set([
        ...['base_slice_ns', 'migration_cost_ns', 'nr_migrate', 'slice_ns', 'cpu_weight'],
        ...['sched_autogroup_enabled', 'sched_cfs_bandwidth_slice_us'],
      ]),
    );
    expect(names).toHaveLength(7);
    for (const { knob, why } of refused) expect(`${knob}: ${why}`).toMatch(/: .{10,}/);
  });

  it('a weight without a cgroup', () => {
    expect(refused.find(({ knob }) => knob === 'cpu_weight')).toEqual({
      knob: 'cpu_weight',
      why: 'it belongs to a cgroup',
      fix: 'take --scope cgroup:/PATH',
    });
  });
});
