import { availableParallelism, release } from 'node:os';
import { inForceHash } from '../change/in-force.js';
import type { TransactionsOptions } from '../change/options.js';
import type { Repeats, Target } from '../change/target.js';
import { messageOf, TunesmithError } from '../errors.js';
import type { KnobValues } from '../knobs/types.js';
import type { Measurement } from '../workloads/types.js';
import { type HostLoad, runLoad } from './load.js';
import { LoadSlice } from './load-slice.js';
import type { Refusal } from './locate.js';
import { offer } from './offer.js';
import { policyInForce } from './policy-in-force.js';
import { HOST_SCHEDULER } from './scheduler.js';
import { describeScope, type Scope } from './scope.js';
import type { Setting } from './setting.js';
import { readCounters, signature } from './signature.js';
import { Stages } from './stages.js';

export interface HostOptions {
  /** What runs in every window, started anew for each. */
  readonly load: Omit<HostLoad, 'sliceNs'>;
  /** Whose tasks, or which cgroup, a change is for. */
  readonly scope: Scope;
  /** Other knobs than this machine's, and where their changes are kept; for a tree of files in its place. */
  readonly elsewhere?: { readonly settings: readonly Setting[]; readonly changes: TransactionsOptions };
}

/** @throws TunesmithError (rejected) when it cannot be set */
function prepared(setting: Setting, value: number) {
  setting.prepare();
  return { setting, value, scope: setting.changeScope() };
}

/** Eight pairs leave room for one that a burst of other work spoils: 7 of 8 are still no chance (`winsNeeded`). */
const REPEATS: Repeats = { default: 5, pairs: 8 };

/**
 * This machine as a target, on a load that it starts itself. Knobs are written where they are found writable, read
 * back, and put back exactly as they were; what somebody else changed in between is left to them and told.
 *
 * Each step is staged as changes that put themselves back (`Stages`): by `apply`, by `close()`, and by their deadman when
 * this process ends in any other way, SIGKILL included. Nothing is committed: what was found good is the caller's to
 * keep, by a change of its own.
 */
export class HostTarget implements Target {
  readonly scheduler = HOST_SCHEDULER;
  readonly cpus = availableParallelism();
  readonly repeats = REPEATS;
  /** Knobs this machine does not let us have, and why. */
  readonly refused: readonly Refusal[];
  private readonly settings: readonly Setting[];
  private readonly stages: Stages;
  private unwatched: string | undefined;

  /** Looks at the machine and changes nothing. */
  constructor(private readonly options: HostOptions) {
    const { scope, elsewhere } = options;
    const { settings, refused } = elsewhere ? { ...elsewhere, refused: [] } : offer(HOST_SCHEDULER, scope);
    this.settings = settings;
    this.refused = refused;
    this.stages = new Stages(elsewhere?.changes);
    process.on('exit', this.restoreAll);
  }

  get name(): string {
    return `this machine, Linux ${release()}, ${this.cpus} CPU${this.cpus === 1 ? '' : 's'}`;
  }

  async defaults(): Promise<KnobValues> {
    return Object.fromEntries(this.settings.map(({ knob, before }) => [knob, before]));
  }

  /**
   * @throws TunesmithError (rejected) when somebody else changed a knob that is to be set, or its scope is empty;
   * (incapable) when a write is refused or the kernel keeps another value
   */
  async apply(values: KnobValues): Promise<void> {
    this.back();
    const byScope = new Map<string, KnobValues>();
    const steps = this.settings.flatMap((setting) => {
      const value = values[setting.knob];
      // The former value as a number may not be exact (cpu.shares), nor one for all (tasks): it is not written.
      return value === undefined || value === setting.before ? [] : [prepared(setting, value)];
    });
    for (const { setting, value, scope } of steps)
      if (scope !== null) byScope.set(scope, { ...byScope.get(scope), [setting.knob]: value });
    const tasks = steps.find(({ setting }) => setting.memory)?.setting.memory?.();
    const changes = this.stages.put(byScope, tasks);
    for (const { setting, value, scope } of steps) setting.staged(value, changes.get(scope ?? '') ?? null);
  }

  /** Puts back the step before, and tells the settings what became of it. */
  private back(): void {
    const ended = this.stages.back();
    for (const setting of this.settings) {
      for (const change of ended) if (setting.knob in change.after) setting.ended(change);
      setting.release();
    }
  }

  /**
   * One window of the load, with the sampler's figures of all tasks. The signature is of the load's whole run, its
   * warm-up included; where both have a metric, the load's own counts. `windowNs` is the window asked for.
   *
   * What is in force is read before the load and after it. A value that somebody changes and changes back in between
   * is not seen: two readings cannot see it, and the kernel keeps no number of a knob's writes.
   * @throws TunesmithError (incapable) when the load cannot run, (rejected) when somebody changed a knob that is ours;
   * WorkloadDied (incapable) when the load was killed or crashed
   */
  async measure(): Promise<Measurement> {
    const { load } = this.options;
    const own = this.settings.find((setting) => setting instanceof LoadSlice);
    const first = this.inForce().hash;
    const before = readCounters();
    const { metrics, distributions, unwatched } = await runLoad({ ...load, sliceNs: own?.sliceNs });
    this.unwatched = unwatched;
    const after = readCounters();
    this.stages.assertHeld();
    const { knobs, hash } = this.inForce();
    return {
      metrics: { ...signature(before, after), ...metrics },
      distributions,
      knobs,
      windowNs: load.windowNs,
      inForce: { first, last: hash },
    };
  }

  private inForce(): { readonly knobs: KnobValues; readonly hash: string } {
    const knobs = Object.fromEntries(this.settings.map((setting) => [setting.knob, setting.read()]));
    return { knobs, hash: inForceHash(knobs, policyInForce()) };
  }

  async close(): Promise<void> {
    process.off('exit', this.restoreAll);
    this.restoreAll();
    this.stages.close();
  }

  /** What happened on the way that a person should know: tasks left out, values left to somebody else. */
  remarks(): readonly string[] {
    const missing = this.unwatched === undefined ? [] : [`no run-queue figures: ${this.unwatched}`];
    return [...this.settings.flatMap((setting) => setting.remarks()), ...missing];
  }

  /** @throws TunesmithError (incapable) when something could not be put back */
  private readonly restoreAll = (): void => {
    let failures: readonly string[];
    try {
      this.back();
      failures = this.settings.flatMap((setting) =>
        setting.remarks().filter((text) => text.includes('could not be put back')),
      );
    } catch (error) {
      failures = [messageOf(error)];
    }
    if (failures.length > 0)
      throw new TunesmithError(
        'incapable',
        `${describeScope(this.options.scope)}: not everything could be put back: ${failures.join('; ')}`,
        { hint: 'run `tunesmith panic`' },
      );
  };
}
