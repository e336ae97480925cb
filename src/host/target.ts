import { availableParallelism, release } from 'node:os';
import type { Repeats, Target } from '../change/target.js';
import { messageOf, TunesmithError } from '../errors.js';
import type { KnobValues } from '../knobs/types.js';
import type { Measurement } from '../workloads/types.js';
import { type HostLoad, runLoad } from './load.js';
import { LoadSlice } from './load-slice.js';
import type { Refusal } from './locate.js';
import { offer } from './offer.js';
import { HOST_SCHEDULER } from './scheduler.js';
import { describeScope, type Scope } from './scope.js';
import type { Setting } from './setting.js';
import { readCounters, signature } from './signature.js';

export interface HostOptions {
  /** What runs in every window, started anew for each. */
  readonly load: Omit<HostLoad, 'sliceNs'>;
  /** Whose tasks, or which cgroup, a change is for. */
  readonly scope: Scope;
}

/** Eight pairs leave room for one that a burst of other work spoils: 7 of 8 are still no chance (`winsNeeded`). */
const REPEATS: Repeats = { default: 5, pairs: 8 };

/**
 * This machine as a target, on a load that it starts itself. Knobs are written where they are found writable, read
 * back, and put back exactly as they were; what somebody else changed in between is left to them and told.
 *
 * Values are put back by `apply({})`, by `close()`, and when this process exits in any way that lets it run, a
 * second Ctrl-C and an uncaught error included. Not when it is killed with SIGKILL: that is for the change journal
 * and its deadman (issue D).
 */
export class HostTarget implements Target {
  readonly scheduler = HOST_SCHEDULER;
  readonly cpus = availableParallelism();
  readonly repeats = REPEATS;
  /** Knobs this machine does not let us have, and why. */
  readonly refused: readonly Refusal[];
  private readonly settings: readonly Setting[];
  private unwatched: string | undefined;

  /** Looks at the machine and changes nothing. */
  constructor(private readonly options: HostOptions) {
    const { settings, refused } = offer(HOST_SCHEDULER, options.scope);
    this.settings = settings;
    this.refused = refused;
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
    // Files before tasks: a task's slice is checked against the kernel's own, which one of the files sets.
    for (const setting of this.settings) {
      const value = values[setting.knob];
      // The former value as a number may not be exact (cpu.shares), nor one for all (tasks): it is put back instead.
      if (value === undefined || value === setting.before) setting.restore();
      else setting.set(value);
    }
  }

  /**
   * One window of the load, with the sampler's figures of all tasks. The signature is of the load's whole run, its
   * warm-up included; where both have a metric, the load's own counts. `windowNs` is the window asked for.
   * @throws TunesmithError (incapable) when the load cannot run, (rejected) when somebody changed a knob meanwhile
   */
  async measure(): Promise<Measurement> {
    const { load } = this.options;
    const own = this.settings.find((setting) => setting instanceof LoadSlice);
    const before = readCounters();
    const { metrics, distributions, unwatched } = await runLoad({ ...load, sliceNs: own?.sliceNs });
    this.unwatched = unwatched;
    const after = readCounters();
    const knobs = Object.fromEntries(this.settings.map((setting) => [setting.knob, setting.read()]));
    return {
      metrics: { ...signature(before, after), ...metrics },
      distributions,
      knobs,
      windowNs: load.windowNs,
    };
  }

  async close(): Promise<void> {
    process.off('exit', this.restoreAll);
    this.restoreAll();
  }

  /** What happened on the way that a person should know: tasks left out, values left to somebody else. */
  remarks(): readonly string[] {
    const missing = this.unwatched === undefined ? [] : [`no run-queue figures: ${this.unwatched}`];
    return [...this.settings.flatMap((setting) => setting.remarks()), ...missing];
  }

  /** Everything that can be put back is, whatever fails on the way. @throws the first failure */
  private readonly restoreAll = (): void => {
    const failures = this.settings.flatMap((setting) => {
      try {
        setting.restore();
        return [];
      } catch (error) {
        return [`${setting.knob}, which was ${setting.before}: ${messageOf(error)}`];
      }
    });
    if (failures.length > 0)
      throw new TunesmithError(
        'incapable',
        `${describeScope(this.options.scope)}: not everything could be put back: ${failures.join('; ')}`,
        { hint: 'put it back by hand' },
      );
  };
}
