import { TunesmithError } from '../errors.js';
import { native } from '../native.js';
import type { Setting } from './setting.js';

/**
 * The slice of the load this program starts: the load sets it on itself, checks it, and takes it along when it
 * ends. Nothing on the machine is changed, so there is nothing to put back.
 */
export class LoadSlice implements Setting {
  readonly knob = 'slice_ns';
  /** What a process of ours inherits. */
  readonly before: number;
  /** What the next load is to set; absent leaves it what it inherits. */
  sliceNs: number | undefined;

  /** @throws TunesmithError (incapable) when the kernel has no slices of tasks */
  constructor() {
    const { ok, reason } = native().probeSlices();
    if (!ok) throw new TunesmithError('incapable', reason);
    this.before = native().readSched(0).sliceNs;
  }

  prepare(): void {}

  changeScope(): null {
    return null;
  }

  staged(value: number): void {
    this.sliceNs = value;
  }

  ended(): void {}

  release(): void {
    this.sliceNs = undefined;
  }

  read(): number {
    return this.sliceNs ?? this.before;
  }

  remarks(): readonly string[] {
    return [];
  }
}
