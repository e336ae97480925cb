import { release } from 'node:os';
import { TunesmithError, usageError } from '../errors.js';
import { loopsPerMs } from '../host/load.js';
import { assertOrdinary } from '../host/ordinary.js';
import { HOST_SCHEDULER } from '../host/scheduler.js';
import { parseScope, scopeText, serviceOf } from '../host/scope.js';
import { HostTarget } from '../host/target.js';
import { parseKnobList } from '../knobs/parse.js';
import type { Knob } from '../knobs/types.js';
import { assembleResult } from '../loop/assemble.js';
import { objectiveOf } from '../loop/objective.js';
import { ownWords } from '../loop/own-words.js';
import type { TuneResult } from '../loop/result.js';
import { tune } from '../loop/tune.js';
import type { TuneOptions } from '../loop/types.js';
import { shown } from '../shown.js';
import { makeTuner } from '../tuners/index.js';
import { resolveParameters, WORKLOADS, workloadByName } from '../workloads/index.js';
import { SIGNATURE_METRICS } from '../workloads/signature.js';
import type { Workload } from '../workloads/types.js';
import { scaledToHost } from './scale.js';
import type { CaseHooks, TuneCase } from './tune-case.js';

/** One tuning case on this machine. */
export interface HostCase extends Omit<TuneCase, 'request' | 'rivals'> {
  readonly workload: string;
  /** As for the lab: `*_loops` are scaled to this machine's speed. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly windowNs?: number | undefined;
  readonly warmupNs?: number | undefined;
  /** As after `--scope`. */
  readonly scope: string;
  /** The scope may hold init, kernel threads and this process. */
  readonly force?: boolean | undefined;
}

/** The guest whose loads these are the same as: `lab trial`'s, unless told otherwise. */
const LAB_CPUS = 2;

const runsOnHost = ({ kind, labOnly }: Workload): boolean => kind === 'builtin' && !labOnly;

/**
 * A workload as this machine runs it: its metrics and the machine's signature.
 * @throws TunesmithError (usage) for one that is not known, or that only a lab guest can run
 */
export function hostWorkload(name: string): Workload {
  const workload = workloadByName(name);
  if (runsOnHost(workload)) return { ...workload, metrics: { ...SIGNATURE_METRICS, ...workload.metrics } };
  const able = Object.values(WORKLOADS).filter(runsOnHost);
  throw usageError(
    '--workload',
    name,
    workload.labOnly
      ? 'is nothing for a machine in use'
      : 'needs programs and data that only a lab guest is given',
    `on a host: ${able.map((other) => other.name).join(', ')}`,
  );
}

/**
 * Checks what a case names before the load is run or anything measured: load, scope, knobs, objective.
 * @throws TunesmithError (usage) naming the field
 */
export function checkHostCase(
  what: Pick<HostCase, 'workload' | 'parameters' | 'scope' | 'force' | 'knobs' | 'objective'>,
) {
  const workload = hostWorkload(what.workload);
  const parameters = resolveParameters(workload, what.parameters);
  objectiveOf(workload, what.objective);
  if (what.knobs !== undefined) parseKnobList(what.knobs, HOST_SCHEDULER, 'host');
  const scope = parseScope(what.scope);
  if (!what.force) assertOrdinary(scope, what.scope);
  return { workload, parameters, scope };
}

/**
 * Tunes this machine on a load it starts itself; everything is put back at the end.
 * @throws TunesmithError usage for bad input, incapable for a knob this machine refuses (with the reason), rejected
 * when somebody else changed a knob meanwhile
 */
export async function runHostCase(what: HostCase, hooks: CaseHooks = {}): Promise<TuneResult> {
  const { workload, parameters, scope } = checkHostCase(what);
  const { windowNs = workload.windowNs, warmupNs = workload.warmupNs, seed } = what;
  const tuner = makeTuner(what.tuner, {
    points: what.points,
    trace: what.trace,
    models: { ...what.models, signal: hooks.signal },
  });
  const params = scaledToHost(parameters, await loopsPerMs(), LAB_CPUS);
  const load = { workload: workload.name, params, seed, warmupNs, windowNs };
  const target = new HostTarget({ load, scope });
  const service = serviceOf(scope);
  try {
    const options: TuneOptions = {
      ...{ target, workload, cycles: what.cycles, objective: what.objective, referee: what.referee },
      load: { parameters: params, windowNs },
      seed: what.tunerSeed ?? seed,
      knobs: chooseKnobs(what.knobs, target, await target.defaults()),
      tuner,
      signal: hooks.signal,
      onCycle: hooks.onCycle,
      onReferee: (which, turn) =>
        hooks.onPhase?.(`referee: ${which}${turn ? `, pair ${turn.turn} of ${turn.of}` : ''}`),
    };
    const outcome = await tune((await hooks.account?.(options, { points: what.points })) ?? options);
    await target.close();
    return assembleResult(outcome, {
      command: what.command,
      target: {
        ...{ name: target.name, kind: 'host', kernel: release(), qemu: null },
        ...{ scheduler: target.scheduler, cpus: target.cpus, scope: scopeText(scope) },
        ...(service === undefined ? {} : { service: shown(service, 100) }),
      },
      parameters: params,
      windowNs,
      ...ownWords(tuner, target.remarks()),
    });
  } finally {
    await target.close();
  }
}

/** `--tune` or the knob that every EEVDF kernel since 6.12 lets be set, checked against what this machine has. */
function chooseKnobs(
  list: string | undefined,
  { scheduler, refused }: HostTarget,
  there: Readonly<Record<string, number>>,
): readonly Knob[] {
  const knobs = parseKnobList(
    list ?? (scheduler === 'eevdf' ? 'slice_ns' : 'min_granularity_ns'),
    scheduler,
    'host',
  );
  const absent = knobs.find(({ name }) => there[name] === undefined);
  if (!absent) return knobs;
  const refusal = refused.find(({ knob }) => knob === absent.name);
  const ways = [refusal?.fix ?? '', `this machine has ${Object.keys(there).join(', ') || 'no knob to set'}`];
  throw new TunesmithError('incapable', `${absent.name} cannot be set here: ${refusal?.why}`, {
    hint: ways.filter(Boolean).join('; '),
  });
}
