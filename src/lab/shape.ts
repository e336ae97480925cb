import { usageError } from '../errors.js';
import { ARCHES, type Arch } from './arch.js';
import type { MachineShape } from './qemu.js';

export interface ShapeOptions {
  /** Default: x64. */
  readonly arch?: Arch;
  readonly cpus: number;
  readonly sockets?: number;
  readonly threads?: number;
  readonly nodes?: number;
  readonly memoryMib: number;
  readonly mode?: 'exact' | 'fast';
}

/** The most virtual CPUs one lab machine may have: past this a virtual second takes minutes. */
export const MAX_CPUS = 64;

/**
 * A machine's shape from what a user asked for.
 * @throws TunesmithError (usage) naming the field when it is out of range, or the topology does not divide evenly.
 */
export function machineShape(options: ShapeOptions): MachineShape {
  const { arch = 'x64', cpus, sockets = 1, threads = 1, nodes = 1, memoryMib, mode = 'exact' } = options;
  if (!ARCHES.includes(arch)) throw usageError('--arch', arch, `must be one of ${ARCHES.join(', ')}`);
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MAX_CPUS)
    throw usageError('--cpus', cpus, `must be a whole number from 1 to ${MAX_CPUS}`);
  if (cpus % (sockets * threads) !== 0)
    throw usageError('--cpus', cpus, `is not a multiple of ${sockets} sockets × ${threads} threads`);
  if (cpus % nodes !== 0) throw usageError('--nodes', nodes, `does not divide ${cpus} CPUs evenly`);
  return { arch, cpus, sockets, threads, nodes, memoryMib, mode, shift: 1, mailboxMib: 8 };
}
