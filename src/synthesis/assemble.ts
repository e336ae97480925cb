import type { Account } from '../models/account.js';
import type { Spent } from '../models/spent.js';
import { answerOf } from './answer.js';
import type { Goal } from './goal.js';
import { type SynthesisResult, synthesisSchema } from './result.js';
import type { SynthesisOutcome } from './synthesize.js';
import type { Candidate, Case, Score, Tried } from './types.js';

/** What a result says beside what was found out. */
export interface Circumstances {
  readonly command: string;
  readonly where: Case;
  /** The kernel's release. */
  readonly kernel: string;
  readonly goal: Goal;
  /** The goal as it was given. */
  readonly words: string | null;
  readonly seed: number;
  readonly proposers: readonly string[];
  readonly budget: string;
  readonly model: {
    readonly account: Account;
    /** By all processes of the search, calls without a reply included. */
    readonly spent: Spent;
    readonly accepted: number;
    readonly dropped: readonly string[];
    readonly ended: string | null;
  } | null;
}

const scoreOf = ({
  value,
  values,
  metrics,
  keys,
  dropped,
  unmeasured,
}: Score): SynthesisResult['sweep']['own'] => ({
  ...{ value, values: [...values], metrics: { ...metrics }, keys: [...keys] },
  ...(dropped === undefined ? {} : { dropped }),
  ...(unmeasured === undefined ? {} : { unmeasured }),
});

const triedOf = ({ candidate, score, gain, cell }: Tried): SynthesisResult['tried'][number] => ({
  ...{ id: candidate.id, by: candidate.by, parents: [...candidate.parents], words: candidate.words },
  ...{ tunables: { ...candidate.tunables }, value: score.value, gain, cell, metrics: { ...score.metrics } },
  ...(score.dropped === undefined ? {} : { dropped: score.dropped }),
  ...(score.unmeasured === undefined ? {} : { unmeasured: score.unmeasured }),
  ...(score.elsewhere === undefined ? {} : { elsewhere: { ...score.elsewhere } }),
});

/** Candidates for the folder, the best first: the winner alone, or those that came furthest. */
export function bestCandidates({ search, referee }: SynthesisOutcome): Candidate[] {
  const { finalists, selection } = referee;
  const all = [...search.finalists, ...search.elites].map(({ candidate }) => candidate);
  if (selection.decision === 'synthesized')
    return all.filter(({ id }) => id === selection.policy).slice(0, 1);
  const held = finalists.filter(({ score }) => score.value !== null).map(({ name }) => name);
  const ranked = [...held.flatMap((name) => all.filter(({ id }) => id === name)), ...all];
  return [...new Map(ranked.map((one) => [one.id, one])).values()];
}

/** A synthesis as its result.json; the policy's folder is filled in when it is written. */
export function assembleSynthesis(outcome: SynthesisOutcome, around: Circumstances): SynthesisResult {
  const { sweep, search, referee, took, undone, missing } = outcome;
  const { command, where, kernel, goal, words, seed, proposers, budget, model } = around;
  const { workload, parameters, cpus, objective } = where;
  const part = {
    case: { ...{ workload, cpus, kernel, objective }, parameters: { ...parameters } },
    referee: {
      effort: { ...referee.effort, seeds: [...referee.effort.seeds] },
      own: { name: referee.own.name, score: scoreOf(referee.own.score) },
      repository: referee.repository.map(({ name, score }) => ({ name, score: scoreOf(score) })),
      before: referee.before.map(({ name, score }) => ({ name, score: scoreOf(score) })),
      finalists: referee.finalists.map(({ name, score, heldOut, rejected, unchecked }) => ({
        ...{ name, score: scoreOf(score), rejected: [...rejected] },
        ...(unchecked === undefined ? {} : { unchecked }),
        heldOut: heldOut.map(({ workload: other, objective: its, own, score: under }) => ({
          ...{ workload: other, objective: its, own: scoreOf(own), score: scoreOf(under) },
        })),
      })),
    },
    selection: {
      ...referee.selection,
      objections: Object.fromEntries(
        Object.entries(referee.selection.objections).map(([name, why]) => [name, [...why]]),
      ),
    },
  };
  return synthesisSchema.parse({
    schema: 'tunesmith.synthesis/1',
    ...{ command, goal: words, guardrails: goal.guardrails, seed, proposers, budget },
    ...part,
    spent: {
      ...{ sweepMs: took.sweep, searchMs: took.search, refereeMs: took.referee },
      ...{ candidates: search.tried.length, model: model && spentBy(model) },
    },
    ended: search.ended,
    sweep: {
      effort: sweep.effort,
      own: scoreOf(sweep.own),
      leftOut: [...sweep.leftOut],
      policies: sweep.policies.map(({ stock, score }) => ({ name: stock.name, score: scoreOf(score) })),
    },
    tried: search.tried.map(triedOf),
    ...{ undone: [...undone], missing: missing.map((one) => ({ ...one })) },
    answer: answerOf({
      ...part,
      ...{ leftOut: sweep.leftOut, undone, missing },
      found: search.finalists,
      swept: sweep.policies,
    }),
    policy: null,
  });
}

function spentBy({ account, spent, accepted, dropped, ended }: NonNullable<Circumstances['model']>) {
  const { model, usd } = account;
  return {
    ...{ name: model, accepted, dropped: [...dropped], ended },
    calls: spent.calls,
    tokens: spent.tokens,
    usd: usd === null ? null : spent.usd,
  };
}
