import { randomBytes } from 'node:crypto';
import { TunesmithError, usageError } from '../../errors.js';
import { type Look, lookAt } from '../../observe/figures.js';
import type { SamplerOptions } from '../../telemetry/options.js';
import { Sampler } from '../../telemetry/sampler.js';
import type { Snapshot } from '../../telemetry/snapshot.js';

export interface Collector {
  readonly id: string;
  readonly caller: string;
  readonly options: SamplerOptions;
  readonly counted: readonly string[];
  readonly pmcRefusal: string;
  readonly remainingMs: number;
}

interface Entry extends Omit<Collector, 'remainingMs'> {
  readonly sampler: Sampler;
  readonly first: Snapshot;
  readonly endsAt: number;
  readonly timer: NodeJS.Timeout;
}

/** Samplers in the kernel at once: each costs every context switch something. */
const LIMIT = 4;

/** Figures, and whose cgroups their numbers are. */
export interface Seen {
  readonly look: Look;
  /** As the sampler's settings say it. */
  readonly hierarchy: string;
}

/** Samplers that end by themselves. Each belongs to the caller who started it; everybody may read it. */
export class Collectors {
  private readonly entries = new Map<string, Entry>();

  /**
   * @param ttlMs how long it lives
   * @throws TunesmithError rejected when there are too many, incapable when the kernel refuses, usage for bad options
   */
  start(options: SamplerOptions, ttlMs: number, caller: string): Collector {
    if (this.entries.size >= LIMIT)
      throw new TunesmithError(
        'rejected',
        `${LIMIT} collectors run already, and each costs every context switch`,
        {
          hint: 'stop one, or read one that runs: observability_perf_list_collectors',
        },
      );
    const sampler = Sampler.open(options);
    const id = `col_${randomBytes(4).toString('hex')}`;
    const timer = setTimeout(() => this.end(id), ttlMs).unref();
    const { counted, pmcRefusal } = sampler;
    const first = sampler.snapshot();
    const endsAt = performance.now() + ttlMs;
    this.entries.set(id, { id, caller, options, counted, pmcRefusal, sampler, first, endsAt, timer });
    return this.list().find((collector) => collector.id === id) as Collector;
  }

  list(): Collector[] {
    return [...this.entries.values()].map(({ id, caller, options, counted, pmcRefusal, endsAt }) => ({
      id,
      caller,
      options,
      counted,
      pmcRefusal,
      remainingMs: Math.max(0, Math.round(endsAt - performance.now())),
    }));
  }

  /** Figures since it was started. @throws TunesmithError (usage) when it is not there (any more) */
  read(id: string): Seen {
    const { sampler, first } = this.entry(id);
    return { look: lookAt(sampler.delta(first)), hierarchy: sampler.settings.hierarchy };
  }

  /** @throws TunesmithError usage when it is not there, rejected when it is somebody else's */
  stop(id: string, caller: string): Seen {
    const entry = this.entry(id);
    if (entry.caller !== caller)
      throw new TunesmithError('rejected', `${id} was started by ${entry.caller}`, {
        hint: 'it ends by itself; who started it can stop it now',
      });
    const seen = this.read(id);
    this.end(id);
    return seen;
  }

  close(): void {
    for (const id of [...this.entries.keys()]) this.end(id);
  }

  private end(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    clearTimeout(entry.timer);
    this.entries.delete(id);
    entry.sampler.close();
  }

  private entry(id: string): Entry {
    const entry = this.entries.get(id);
    if (!entry)
      throw usageError('collector_id', id, 'is not running', 'it has ended or never was; start one');
    return entry;
  }
}
