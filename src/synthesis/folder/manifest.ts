import { z } from 'zod';
import { TunesmithError } from '../../errors.js';
import { gainOf } from '../../loop/objective.js';
import { type Manifest, manifestSchema, type Tunable } from '../../policies/manifest.js';
import { plain } from '../../tuners/llm/fence.js';
import { betterBy } from '../answer.js';
import { genomeOf } from '../genes/candidate.js';
import { boundsOf } from '../genes/trim.js';
import { briefly } from '../genes/words.js';
import type { Proposal } from '../model/reply.js';
import type { SynthesisResult } from '../result.js';
import type { Candidate } from '../types.js';

/** What is known of a candidate beyond its source. */
export interface Origin {
  /** Shares go by weight, as the probes found; a claim of the base's that they did not find is dropped. */
  readonly isWeighted: boolean;
  /** Of the repository policy whose source it is, with other tunables. */
  readonly base?: Manifest | undefined;
  /** What a model said of it. */
  readonly proposal?: Proposal | undefined;
}

/** A log scale has no zero, and a range of less than tenfold needs none. */
const scaleOf = (min: number, max: number): Tunable['scale'] =>
  min > 0 && max / min >= 10 ? 'log' : 'linear';

/** Of a candidate that genes made: what may be set where callbacks are left out, and what can be one thing only. */
export function boundedTunables(candidate: Candidate, base: readonly Tunable[]) {
  const genome = genomeOf(candidate);
  const bounded = base.map((tunable): Tunable => {
    const [min, max] = (genome && boundsOf(genome, tunable.name)) ?? [tunable.min, tunable.max];
    return { ...tunable, min, max };
  });
  return {
    free: bounded.filter(({ min, max }) => min < max),
    fixed: bounded.filter(({ min, max }) => min === max).map(({ name }) => name),
  };
}

function tunablesOf({ base, proposal }: Origin, candidate: Candidate): Tunable[] {
  const known: Tunable[] =
    (base && boundedTunables(candidate, base.tunables).free) ??
    (proposal?.tunables ?? []).map(({ type: _, ...tunable }) => ({
      ...tunable,
      scale: scaleOf(tunable.min, tunable.max),
    }));
  const { tunables } = candidate;
  return known.map((tunable) => ({ ...tunable, default: tunables[tunable.name] ?? tunable.default }));
}

/** First of all whether it is to be used, then what it is, and what it does to the objective. */
function summaryOf(result: SynthesisResult, candidate: Candidate, recommended: boolean): string {
  const { workload, objective, cpus } = result.case;
  const { own, finalists } = result.referee;
  const its = finalists.find(({ name }) => name === candidate.id)?.score.value ?? null;
  const gain =
    its === null || own.score.value === null
      ? 'not measured by the referee'
      : `${objective.metric} ${betterBy(objective.direction, own.score.value, its)} than EEVDF`;
  const genome = genomeOf(candidate);
  const what = genome === null ? `synthesized for ${workload} on ${cpus} CPUs` : briefly(genome);
  return plain(`${recommended ? '' : 'Not recommended: '}${what}; ${gain}`, 120);
}

/**
 * What it was searched for, and of what its base has what the probes found. Where tasks queue by arrival, shares that went
 * by weight are where the tasks happened to land: another text of the same policy may land them otherwise.
 */
const propertiesOf = (
  { base, isWeighted }: Origin,
  candidate: Candidate,
  unit: string,
): Manifest['properties'] => [
  unit === 'ns' ? 'latency' : 'throughput',
  ...(base?.properties ?? []).filter(
    (property) =>
      isWeighted && genomeOf(candidate)?.time_base !== 0 && (property === 'weighted' || property === 'fair'),
  ),
];

/** The workloads where it lost, as its claims of what it does not suit. */
function lossesOf(result: SynthesisResult, candidate: Candidate): Manifest['doesNotSuit'] {
  const heldOut = result.referee.finalists.find(({ name }) => name === candidate.id)?.heldOut ?? [];
  const lost = heldOut.flatMap(({ workload, objective, own, score }) => {
    const gain = gainOf({ ...objective, unit: 'count' }, own.value, score.value);
    if (gain === null || gain >= 0) return [];
    const what = `${workload}: ${objective.metric} ${betterBy(objective.direction, own.value as number, score.value as number)} than EEVDF`;
    return [{ what, workload: workload as 'mixed' }];
  });
  return lost.length > 0
    ? lost
    : [{ what: 'loads unlike the one it was searched for and those it was held to' }];
}

/**
 * policy.json of a synthesized policy, by our own schema.
 * @throws TunesmithError (internal) when what was put together is no manifest
 */
export function manifestOf(
  name: string,
  result: SynthesisResult,
  candidate: Candidate,
  origin: Origin,
  recommended: boolean,
): Manifest {
  const { workload, objective, cpus } = result.case;
  const { base, proposal } = origin;
  const made = manifestSchema.safeParse({
    schema: 'tunesmith.policy/1',
    name,
    version: '1.0.0',
    summary: summaryOf(result, candidate, recommended),
    algorithm: plain(proposal?.algorithm ?? candidate.words, 600),
    properties: propertiesOf(origin, candidate, objective.unit),
    suits: [{ what: `${workload} on ${cpus} CPUs, for ${objective.metric}`, workload }],
    doesNotSuit: lossesOf(result, candidate),
    tunables: tunablesOf(origin, candidate),
    kernelNeeds: base?.kernelNeeds ?? [],
    author: `Tunesmith synthesis (${candidate.by})`,
    licence: 'Dual MIT/GPL',
  });
  if (made.success) return made.data;
  throw new TunesmithError('internal', `no manifest for ${name}: ${z.prettifyError(made.error)}`);
}
