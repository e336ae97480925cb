import { z } from 'zod';
import { judgementSchema } from '../change/judgement.js';
import type { Target } from '../change/target.js';
import { judged } from '../change/watch.js';
import { messageOf, TunesmithError } from '../errors.js';
import { findKnob } from '../knobs/catalogue.js';
import type { LedgerRecord } from '../ledger/record.js';
import { makeTuner } from '../tuners/index.js';
import { workloadByName } from '../workloads/index.js';
import { SIGNATURE_METRICS } from '../workloads/signature.js';
import type { Measurement } from '../workloads/types.js';
import { measurementSchema } from './result.js';
import { tune } from './tune.js';

/** The first decision that comes out otherwise from the same measurements. */
export interface Difference {
  readonly seq: number;
  readonly what: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

export interface ReplayReport {
  /** Decisions that were made again. */
  readonly decisions: number;
  readonly runs: number;
  readonly first: Difference | null;
}

/** Makes one record's decision again; null for a record that holds none of its kind. */
export type Rejudge = (
  record: LedgerRecord,
) => { readonly recorded: unknown; readonly replayed: unknown } | null;

const runDetails = z.object({
  workload: z.string(),
  tuner: z.string(),
  tunerOptions: z.object({ points: z.int().optional() }),
  cycles: z.int(),
  seed: z.int(),
  objective: z.string(),
  knobs: z.array(z.string()),
  target: z.object({
    name: z.string(),
    scheduler: z.enum(['cfs', 'eevdf']),
    cpus: z.int(),
    repeats: z.object({ default: z.int(), pairs: z.int() }).nullable(),
    exact: z.boolean().default(false),
  }),
});

const measurementDetails = measurementSchema.omit({ metrics: true, distributions: true });

/**
 * Makes the recorded decisions again from the recorded measurements: every run of the loop (the tuner's proposals,
 * what was kept and put back, and why), every breach of a guardrail, and what `more` knows besides.
 */
export async function replayLedger(
  records: readonly LedgerRecord[],
  more: readonly Rejudge[] = [],
): Promise<ReplayReport> {
  let decisions = 0;
  const differences: Difference[] = [];
  for (const record of records)
    for (const rejudge of [breachAgain, ...more]) {
      const again = rejudge(record);
      if (!again) continue;
      decisions += 1;
      if (differs(again.recorded, again.replayed))
        differences.push({ seq: record.seq, what: `${record.kind}: ${record.decision ?? ''}`, ...again });
    }
  const runs = records.filter(({ kind }) => kind === 'run');
  for (const run of runs) {
    const own = records.filter((record) => record.run === run.run);
    const { made, difference } = await runAgain(run, own);
    decisions += made;
    if (difference) differences.push(difference);
  }
  const [first = null] = differences.sort((a, b) => a.seq - b.seq);
  return { decisions, runs: runs.length, first };
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

const breachAgain: Rejudge = ({ details }) => {
  const read = judgementSchema.safeParse(details?.judged);
  if (!read.success) return null;
  const { guardrails, metrics, baseline, breaches } = read.data;
  const replayed = judged(guardrails, metrics, baseline).breaches;
  // Guardrails that nobody could judge are no decision of the figures.
  return replayed.length === 0 && breaches.some((text) => text.includes('cannot be judged'))
    ? null
    : { recorded: breaches, replayed };
};

/** What of a cycle must come out again. */
const cycleOf = (values: object, outcome: unknown, reason: unknown, note: unknown, objective: unknown) => ({
  values,
  outcome,
  reason,
  note,
  objective,
});

async function runAgain(
  run: LedgerRecord,
  own: readonly LedgerRecord[],
): Promise<{ made: number; difference: Difference | null }> {
  const details = runDetails.parse(run.details);
  const cycles = own.filter(({ kind }) => kind === 'cycle');
  const replayed: unknown[] = [];
  const stop = new AbortController();
  if (cycles.length === 0) return { made: 0, difference: null };
  let failure: string | null = null;
  try {
    const workload = workloadByName(details.workload);
    await tune({
      ...{
        target: playback(run, details, own),
        cycles: details.cycles,
        seed: details.seed,
        signal: stop.signal,
      },
      workload: { ...workload, metrics: { ...SIGNATURE_METRICS, ...workload.metrics } },
      objective: details.objective,
      knobs: details.knobs.map((name) => findKnob(name, details.target.scheduler)),
      tuner: makeTuner(details.tuner, { points: details.tunerOptions.points }),
      onCycle: ({ cycle: { values, outcome, reason, note, objective } }) => {
        replayed.push(cycleOf(values, outcome, reason.slice(0, 2000), note.slice(0, 2000), objective));
        if (replayed.length === cycles.length) stop.abort();
      },
    });
  } catch (error) {
    failure = messageOf(error);
  }
  for (const [index, cycle] of cycles.entries()) {
    const [reason, note] = cycle.reasons ?? [];
    const recorded = cycleOf(cycle.after ?? {}, cycle.decision, reason, note, cycle.details?.objective);
    const again = replayed[index] ?? failure ?? 'the run ended before';
    if (differs(recorded, again)) {
      const what = `cycle ${cycle.epoch} of run ${run.run}`;
      return { made: index + 1, difference: { seq: cycle.seq, what, recorded, replayed: again } };
    }
  }
  return { made: cycles.length, difference: null };
}

/** A target that gives the recorded measurements in their order. */
function playback(
  run: LedgerRecord,
  { target }: z.infer<typeof runDetails>,
  own: readonly LedgerRecord[],
): Target {
  const measured = own.filter(({ kind }) => kind === 'measurement').values();
  return {
    ...{ name: target.name, scheduler: target.scheduler, cpus: target.cpus },
    ...{ repeats: target.repeats ?? undefined, exact: target.exact },
    defaults: async () => run.before ?? {},
    apply: async () => {},
    close: async () => {},
    measure: async (): Promise<Measurement> => {
      const { value: record } = measured.next();
      if (!record) throw new TunesmithError('rejected', 'the ledger has no more measurements of this run');
      return {
        metrics: record.metrics ?? {},
        distributions: {},
        ...measurementDetails.parse(record.details),
      };
    },
  };
}
