import type { Suggestion } from './selector.js';
import type { Config } from './space.js';

/** Trials of one setting, at most. */
const MOST_TRIALS = 3;

/**
 * SMAC3's intensifier for noisy costs: a challenger is tried once, and only while it is no worse than the incumbent on
 * as many trials does it get more, up to the incumbent's; the incumbent itself is tried again before a new challenger
 * comes, up to three times. Trial n of every setting counts as the same case.
 */
export class Race {
  private readonly costs = new Map<string, { readonly config: Config; readonly costs: number[] }>();
  private readonly rejected = new Set<string>();
  private readonly queue: { readonly config: Config; readonly origin: string; readonly upTo: number }[] = [];
  private best: Config | null = null;

  get incumbent(): Config | null {
    return this.best;
  }

  /** One more trial of a setting. */
  tell(config: Config, cost: number): void {
    const entry = this.costs.get(config.key) ?? { config, costs: [] };
    entry.costs.push(cost);
    this.costs.set(config.key, entry);
    this.judge(config);
  }

  /** The trials to run, one after the other; each is told before the next is asked for. */
  *trials(fresh: Iterator<Suggestion, void, void>): Generator<Suggestion, void, void> {
    for (const { config } of this.costs.values())
      this.queue.push({ config, origin: 'tried before', upTo: 1 });
    for (;;) {
      const { best } = this;
      if (this.queue.length === 0) {
        if (best && this.tried(best) < MOST_TRIALS)
          yield {
            config: best,
            origin: `the best so far again, for the ${ordinal(this.tried(best) + 1)} time`,
          };
        const added = fresh.next();
        if (added.done) return;
        this.queue.push({ ...added.value, upTo: 1 });
      } else yield* this.challenge(best);
    }
  }

  /** Runs the trials of the first in the queue that is still in the race. */
  private *challenge(best: Config | null): Generator<Suggestion, void, void> {
    for (let entry = this.queue.shift(); entry; entry = this.queue.shift()) {
      const { config, origin, upTo } = entry;
      if (this.rejected.has(config.key) || config.key === best?.key) continue;
      const most = Math.min(best ? this.tried(best) : MOST_TRIALS, upTo);
      const isFirst = this.tried(config) === 0;
      for (let count = most - this.tried(config); count > 0; count--)
        yield { config, origin: isFirst ? origin : 'a challenger again that was better so far' };
      if (upTo < MOST_TRIALS) this.queue.push({ config, origin, upTo: 2 * upTo });
      return;
    }
  }

  private tried({ key }: Config): number {
    return this.costs.get(key)?.costs.length ?? 0;
  }

  /** Whether a setting that was just tried leads, is out, or has to be tried more often before that can be said. */
  private judge(config: Config): void {
    const { best } = this;
    if (best === null || best.key === config.key) {
      this.best ??= config;
      return;
    }
    const count = this.tried(config);
    const [ours, theirs] = [this.mean(config), this.mean(best, count)];
    if (count < this.tried(best)) {
      if (!(ours < theirs)) this.rejected.add(config.key);
      return;
    }
    if (ours < this.mean(best)) {
      this.rejected.add(best.key);
      this.rejected.delete(config.key);
      this.best = config;
    } else this.rejected.add(config.key);
  }

  private mean({ key }: Config, first = MOST_TRIALS): number {
    const costs = (this.costs.get(key)?.costs ?? []).slice(0, first);
    return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  }
}

const ordinal = (count: number): string => ['first', 'second', 'third'][count - 1] ?? `${count}th`;
