import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { SYSTEM_METRICS } from '../workloads/common.js';
import { checkGuardrails, type Judge } from '../workloads/guardrails.js';
import { SIGNATURE_METRICS } from '../workloads/signature.js';
import type { Guardrail, Metrics } from '../workloads/types.js';
import type { Judged, MetricsSource } from './types.js';

/** How often a staged change is judged. */
export const WATCH_MS = 1000;
/** A source that takes longer gives no figures: a machine that a change has brought to a stand looks like that. */
const ANSWER_MS = 5000;
/** Looks in a row without a figure after which a guardrail counts as breached: nobody knows any more. */
const MOST_BLIND = 3;

const LATE = `the figures do not come within ${ANSWER_MS / 1000} s`;

/** What a source gives, within its time. @throws TunesmithError (incapable) when it does not answer */
export async function figuresOf(source: MetricsSource): Promise<Metrics> {
  const waiting = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: waiting.signal }).then(
    (): never => {
      throw new TunesmithError('incapable', LATE, { hint: 'guardrails need figures: stage it without them' });
    },
    () => ({}),
  );
  try {
    return await Promise.race([source(), late]);
  } finally {
    waiting.abort();
  }
}

const UNITS: Judge['metrics'] = { ...SYSTEM_METRICS, ...SIGNATURE_METRICS };

/** Judges a staged change each second by its guardrails; tells the breach until it has been dealt with. */
export class Watch {
  private baseline: Metrics = {};
  private blind = 0;
  /** When the source was asked, or last counted as one that does not answer; undefined while nothing is asked. */
  private askedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** A breach that is not dealt with yet: figures that are well again do not undo it. */
  private due: Judged | undefined;

  /**
   * @param breached told at the first breach, and each second again while it throws
   * @param failed what it threw
   */
  constructor(
    private readonly guardrails: readonly Guardrail[],
    private readonly source: MetricsSource,
    private readonly breached: (judged: Judged) => void,
    private readonly failed: (error: unknown) => void = () => {},
  ) {}

  /**
   * Figures from before the change, which `× default` rules compare with.
   * @throws TunesmithError (usage) when a guardrail names a figure that the source does not give
   */
  setBaseline(baseline: Metrics): void {
    const absent = this.guardrails.find(({ metric }) => baseline[metric] === undefined);
    if (absent)
      throw usageError(
        'guardrails',
        absent.metric,
        'is not measured',
        nearHint(absent.metric, Object.keys(baseline)),
      );
    this.baseline = baseline;
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), WATCH_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.due) return this.tell(this.due);
    if (this.askedAt !== undefined) return this.overdue(this.askedAt);
    this.askedAt = performance.now();
    try {
      const metrics = await this.source();
      if (this.timer !== undefined) this.judge(metrics);
    } catch (error) {
      if (this.timer !== undefined) this.miss({}, [`the figures cannot be had: ${messageOf(error)}`]);
    } finally {
      this.askedAt = undefined;
    }
  }

  /** One question that is not answered is a miss each time its limit is over; it is not asked a second time meanwhile. */
  private overdue(since: number): void {
    if (performance.now() - since < ANSWER_MS) return;
    this.askedAt = performance.now();
    this.miss({}, [LATE]);
  }

  private judge(metrics: Metrics): void {
    const { guardrails, baseline } = this;
    const { breaches, unknown } = judged(guardrails, metrics, baseline);
    if (breaches.length > 0) this.breach(metrics, breaches);
    else if (unknown.length > 0) this.miss(metrics, unknown);
    else this.blind = 0;
  }

  private miss(metrics: Metrics, unknown: readonly string[]): void {
    this.blind += 1;
    if (this.blind >= MOST_BLIND)
      this.breach(metrics, [`${unknown.join('; ')}, ${this.blind} times in a row: it cannot be judged`]);
  }

  private breach(metrics: Metrics, breaches: readonly string[]): void {
    const { guardrails, baseline } = this;
    this.tell({ guardrails, metrics, baseline, breaches });
  }

  private tell(judged: Judged): void {
    this.due = judged;
    try {
      this.breached(judged);
      this.stop();
    } catch (error) {
      this.failed(error);
    }
  }
}

/** The judgement itself: the same figures always give the same. */
export const judged = (guardrails: readonly Guardrail[], metrics: Metrics, baseline: Metrics) =>
  checkGuardrails({ guardrails, metrics: UNITS }, metrics, [baseline]);
