/** One knob as a host target tunes it, step by step: staged as changes, set and put back by a real deadman. */
import { onTestFinished } from 'vitest';
import type { TransactionsOptions } from '../../src/change/options.js';
import type { Scope } from '../../src/host/scope.js';
import type { Setting } from '../../src/host/setting.js';
import { SliceSetting } from '../../src/host/slice.js';
import { HostTarget } from '../../src/host/target.js';
import { tree } from './fixture.js';

const LOAD = { workload: 'idle', params: {}, seed: 1, warmupNs: 0, windowNs: 1 };

export class Steps<S extends Setting = Setting> {
  private readonly target: HostTarget;

  constructor(
    readonly setting: S,
    scope: Scope,
    changes: TransactionsOptions,
  ) {
    this.target = new HostTarget({ load: LOAD, scope, elsewhere: { settings: [setting], changes } });
    onTestFinished(() => this.target.close());
  }

  get before(): number {
    return this.setting.before;
  }

  set(value: number): Promise<void> {
    return this.target.apply({ [this.setting.knob]: value });
  }

  restore(): Promise<void> {
    return this.target.apply({});
  }

  read(): number {
    return this.setting.read();
  }

  remarks(): readonly string[] {
    return this.setting.remarks();
  }
}

/** The slices of a scope, with a journal of their own. */
export function slicesFor(scope: Scope): Steps<SliceSetting> {
  const dir = tree();
  return new Steps(new SliceSetting(scope, dir), scope, { dir });
}
