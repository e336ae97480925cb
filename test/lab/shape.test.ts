import { describe, expect, it } from 'vitest';
import { machineIdentity, qemuArgs } from '../../src/lab/qemu.js';
import { machineShape, type ShapeOptions } from '../../src/lab/shape.js';

const shape = (options: Partial<ShapeOptions>) => machineShape({ cpus: 2, memoryMib: 256, ...options });

describe('a machine’s shape', () => {
  it.each([
    [{ cpus: 0 }, '--cpus: 0 must be a whole number from 1 to 64'],
    [{ cpus: 65 }, '--cpus: 65 must be a whole number from 1 to 64'],
    [{ cpus: 1.5 }, '--cpus: 1.5 must be a whole number from 1 to 64'],
    [{ cpus: -2 }, '--cpus: -2 must be a whole number from 1 to 64'],
    [{ cpus: Number.NaN }, '--cpus: null must be a whole number from 1 to 64'],
    [{ cpus: 3, threads: 2 }, '--cpus: 3 is not a multiple of 1 sockets × 2 threads'],
    [{ cpus: 6, sockets: 2, threads: 2 }, '--cpus: 6 is not a multiple of 2 sockets × 2 threads'],
    [{ cpus: 2, sockets: 4 }, '--cpus: 2 is not a multiple of 4 sockets × 1 threads'],
    [{ cpus: 2, sockets: 0 }, '--cpus: 2 is not a multiple of 0 sockets × 1 threads'],
    [{ cpus: 4, nodes: 3 }, '--nodes: 3 does not divide 4 CPUs evenly'],
  ])('is refused for %j', (options, message) => {
    expect(() => shape(options)).toThrow(expect.objectContaining({ message, code: 'usage', exitCode: 2 }));
  });

  it('is exact, with one socket and one thread a core, unless asked otherwise', () => {
    const plain = { arch: 'x64', sockets: 1, threads: 1, nodes: 1, mode: 'exact', shift: 1 };
    expect(shape({ cpus: 64 })).toMatchObject({ cpus: 64, memoryMib: 256, ...plain });
    const wide = { cpus: 8, sockets: 2, threads: 2, nodes: 4 };
    expect(shape({ ...wide, mode: 'fast' })).toMatchObject({ ...wide, mode: 'fast' });
  });
});

describe('QEMU’s arguments', () => {
  const identity = (options: Partial<ShapeOptions>) => machineIdentity(shape(options)).join(' ');

  it('hold the virtual clock for exact machines only', () => {
    expect(identity({})).toContain(
      '-accel tcg,thread=single,tb-size=128 -icount shift=1,sleep=off -rtc clock=vm',
    );
    expect(identity({ mode: 'fast' })).toContain('-accel tcg,thread=multi');
    expect(identity({ mode: 'fast' })).not.toContain('-icount');
  });

  it('are another board’s on arm64, without gates or random numbers', () => {
    const arm64 = identity({ arch: 'arm64' });
    expect(arm64).toMatch(/^-M virt,.*dtb-randomness=off -cpu neoverse-n1 /);
    expect(arm64).toContain('-append console=ttyAMA0 ');
    expect(arm64).not.toMatch(/debugcon|pvpanic/);
    expect(arm64).toContain('-icount shift=1,sleep=off');
    expect(identity({})).not.toContain('i6300esb');
  });

  it('lay out sockets, cores, threads and nodes', () => {
    const wide = identity({ cpus: 8, sockets: 2, threads: 2, nodes: 2 });
    expect(wide).toContain('-smp 8,sockets=2,cores=2,threads=2');
    expect(wide).toContain('node,nodeid=0,memdev=node0,cpus=0-3');
    expect(wide).toContain('memory-backend-ram,id=node1,size=128M -numa node,nodeid=1,memdev=node1,cpus=4-7');
  });

  it('make a restored machine silent and leave a cold one to boot', () => {
    const parts = {
      kernel: 'k',
      image: 'i',
      stopForSnapshot: false,
      fds: { qmp: 3, mailbox: 4, gates: [5, 6] },
    } as const;
    const cold = qemuArgs(shape({}), { ...parts, incoming: null }).join(' ');
    const warm = qemuArgs(shape({}), { ...parts, incoming: 'file' }).join(' ');
    expect(warm).toBe(`${cold} -global migration.announce-rounds=0 -incoming defer -S`);
    expect(cold).toContain('-action panic=none');
    expect(qemuArgs(shape({}), { ...parts, incoming: null, stopForSnapshot: true })).toContain('panic=pause');
  });
});
