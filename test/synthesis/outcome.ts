import { readFileSync } from 'node:fs';
import { findPolicy } from '../../src/policies/catalogue.js';
import { assembleSynthesis } from '../../src/synthesis/assemble.js';
import { heldOutCases } from '../../src/synthesis/others.js';
import type { SynthesisResult } from '../../src/synthesis/result.js';
import { type Finalist, select } from '../../src/synthesis/select.js';
import { stockPolicies } from '../../src/synthesis/stock.js';
import type { SynthesisOutcome } from '../../src/synthesis/synthesize.js';
import type { Candidate, Tried } from '../../src/synthesis/types.js';
import { workloadByName } from '../../src/workloads/index.js';
import { archiveOf, scoreOf, triedOf } from './archive.js';

const genes = readFileSync(findPolicy('genes').source, 'utf8');

/** A family of genes: each made from the one or two before it, each better. */
export function family(): Tried[] {
  const made: Tried[] = [];
  for (let i = 0; i < 24; i++) {
    const parents = [made[i - 1], ...(i % 3 === 0 ? [made[i - 3]] : [])].flatMap(
      (one) => one?.candidate.id ?? [],
    );
    const tunables = { slice_ns: 3_000_000 - 50_000 * i, queue_cpus: i % 3 };
    const one = triedOf(genes, 2.2e6 - 70_000 * i + 90_000 * (i % 4), {
      ...{ by: 'genes', tunables, parents, words: `One queue for ${i} CPUs; turns by weight.` },
    });
    const metrics = {
      ...one.score.metrics,
      throughput_per_s: 3600 + 37 * ((i * 7) % 12),
      switches_per_s: 900 + 90 * i,
    };
    made.push({ ...one, score: { ...one.score, metrics } });
  }
  const lost = triedOf(genes, 1, { by: 'genes', tunables: { slice_ns: 7 } });
  const dropped = 'trial/ejected: watchdog';
  return [
    ...made,
    { ...lost, gain: null, merit: null, cell: null, score: { ...lost.score, value: null, dropped } },
  ];
}

/** What a synthesis of `mixed` may come to; `loss` is that of its winner on what it never saw, a share. */
export function outcomeOf({ loss = 0, finalValue = 0.6e6, leftOut = [] as string[] } = {}): {
  outcome: SynthesisOutcome;
  best: Candidate;
} {
  const { case: where, own } = archiveOf();
  const tried = family();
  const finalists = tried.filter(({ gain }) => gain !== null).sort((a, b) => (b.gain ?? 0) - (a.gain ?? 0));
  const best = (finalists[0] as Tried).candidate;
  const policies = stockPolicies()
    .slice(0, 5)
    .map((stock, i) => {
      const value = 1.2e6 + 300_000 * i;
      return { stock, score: scoreOf(stock.candidate.id, value), gain: 1 - value / 2e6 };
    });
  const eevdf = { name: 'EEVDF', score: own };
  const repository = policies.slice(0, 3).map(({ stock, score }) => ({ name: stock.name, score }));
  const heldOut = heldOutCases(where).map(({ workload, objective }) => ({
    ...{ workload, objective, own: scoreOf('own', 5e6) },
    score: scoreOf(best.id, 5e6 * (objective.direction === 'lower' ? 1 + loss : 1 - loss)),
  }));
  const finalist: Finalist = {
    ...{ name: best.id, rejected: [], heldOut },
    score: scoreOf(best.id, finalValue),
  };
  const selection = select(where.objective, eevdf, repository, [finalist]);
  const { effort } = own;
  return {
    best,
    outcome: {
      sweep: { effort, own, policies, leftOut },
      search: {
        ...{ own: [own], tried, elites: finalists, finalists, progress: [], ended: 'candidates' },
        unmeasured: [],
      },
      referee: { effort, own: eevdf, repository, before: [], finalists: [finalist], selection },
      took: { sweep: 30_000, search: 123_000, referee: 61_000 },
      undone: [],
      missing: [],
    },
  };
}

/** The same as a result, its folder named. */
export function resultOf(options: Parameters<typeof outcomeOf>[0] = {}): SynthesisResult {
  const { outcome, best } = outcomeOf(options);
  const { case: where } = archiveOf();
  const result = assembleSynthesis(outcome, {
    ...{ command: "tunesmith synthesize --workload mixed --goal 'lower p99'", where, kernel: '6.18.15' },
    goal: { objective: where.objective, guardrails: workloadByName('mixed').guardrails },
    ...{ words: 'lower p99', seed: 1, proposers: ['genes'], budget: '25 candidates', model: null },
  });
  const recommended = result.selection.policy === best.id;
  return {
    ...result,
    policy: { name: 'mixed_best', candidate: best.id, dir: '/tmp/out/mixed_best', recommended },
  };
}
