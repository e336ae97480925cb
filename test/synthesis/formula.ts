import { join } from 'node:path';
import { assembleSynthesis } from '../../src/synthesis/assemble.js';
import { Clock } from '../../src/synthesis/clock.js';
import { FitCheck } from '../../src/synthesis/fit.js';
import { genesSource } from '../../src/synthesis/genes/candidate.js';
import { GenesProposer } from '../../src/synthesis/genes/proposer.js';
import { parseGoal } from '../../src/synthesis/goal.js';
import type { Costing } from '../../src/synthesis/plan.js';
import { stockPolicies } from '../../src/synthesis/stock.js';
import { type SynthesisOptions, type SynthesisOutcome, synthesize } from '../../src/synthesis/synthesize.js';
import {
  type Candidate,
  type Case,
  type Effort,
  type Evaluator,
  type Score,
  unmeasured,
} from '../../src/synthesis/types.js';
import type { Pipeline } from '../../src/verify/pipeline.js';
import type { PolicyVerdict } from '../../src/verify/verdict-schema.js';
import { workloadByName } from '../../src/workloads/index.js';
import { archiveOf } from './archive.js';

const STOCK = stockPolicies();

/** A load as a formula, so that what is asked of it can be counted: the shorter the turn, the lower p99 and throughput. */
export class Formula implements Evaluator, Costing {
  readonly asked: { by: string; workload: string; rigour: string; seeds: number }[] = [];

  /** Ids or kinds that this machine does not get measured, and at what rigour. */
  readonly lost = new Map<string, string>();

  constructor(
    private readonly stock: number,
    private readonly heldOut: number,
    /** Of the repository's policies that this very search found. */
    private readonly before = stock,
  ) {}

  async cost(): Promise<number> {
    return 1;
  }

  async score(candidate: Candidate | null, where: Case, effort: Effort): Promise<Score> {
    const by = candidate?.by ?? 'own';
    this.asked.push({
      ...{ by, workload: where.workload, rigour: effort.rigour },
      seeds: effort.seeds.length,
    });
    const name = STOCK.find((one) => one.candidate.id === candidate?.id)?.name;
    if (this.lost.get(name ?? by) === effort.rigour)
      return unmeasured(candidate?.id ?? 'own', effort, 'the lab failed');
    const slice = candidate?.tunables.slice_ns ?? 3_000_000;
    const factor =
      by === 'own'
        ? 1
        : by === 'repository'
          ? name === 'nearby'
            ? this.before
            : this.stock
          : slice / 3_000_000;
    const other = where.workload !== 'mixed' && by === 'genes' ? this.heldOut : 1;
    const values = effort.seeds.map(
      (seed) => 2e6 * (where.workload === 'mixed' ? factor : other) * (1 + (seed % 5) / 100),
    );
    const value = values.reduce((sum, one) => sum + one, 0) / values.length;
    const throughput_per_s = 4000 * Math.min(1, 0.8 + slice / 10e6);
    const metrics = {
      [where.objective.metric]: value,
      throughput_per_s,
      wakeup_p99_ns: value,
      switches_per_s: 900,
    };
    return { candidate: candidate?.id ?? 'own', effort, value, values, metrics, keys: [] };
  }
}

export const accepting = {
  check: async () => ({ accepted: true, findings: [] }) as unknown as PolicyVerdict,
};
export const rejecting = {
  check: async () =>
    ({
      accepted: false,
      findings: [{ stage: 'trial', rule: 'trial/stall', severity: 'error', message: 'hogs: starved' }],
    }) as unknown as PolicyVerdict,
};

export const { case: where } = archiveOf();
/** @param dir of the journal */
export const runIn = (
  dir: string,
  evaluator: Formula,
  {
    pipeline = accepting as Pick<Pipeline, 'check'>,
    goal = undefined as string | undefined,
    more = {} as Partial<SynthesisOptions>,
  } = {},
) =>
  synthesize({
    ...{ where, evaluator, fits: new FitCheck(pipeline), seed: 1, candidates: 48 },
    clock: new Clock(null),
    goal: parseGoal(workloadByName('mixed'), goal),
    proposers: () => [new GenesProposer(genesSource(), 1)],
    journal: join(dir, 'search.jsonl'),
    ...more,
  });
export const answered = (outcome: SynthesisOutcome) =>
  assembleSynthesis(outcome, {
    ...{ command: 'tunesmith synthesize', where, kernel: '6.18', words: null, seed: 1 },
    ...{ goal: parseGoal(workloadByName('mixed')), proposers: ['genes'] },
    ...{ budget: '48 candidates', model: null },
  });
