import { join } from 'node:path';
import { missing, usageError } from '../../../errors.js';
import { checkKernel } from '../../../lab/kernels/check.js';
import { MAX_CPUS } from '../../../lab/shape.js';
import { type ModelConfig, parseModel } from '../../../models/config.js';
import { POLICIES, policyNames } from '../../../policies/catalogue.js';
import { NAME } from '../../../policies/manifest.js';
import { parseBudget, type SynthesisBudget } from '../../../synthesis/budget.js';
import { type Goal, isSampled, parseGoal } from '../../../synthesis/goal.js';
import { isSynthesized } from '../../../synthesis/stock.js';
import type { Case } from '../../../synthesis/types.js';
import { parseCount } from '../../../units.js';
import { resolveParameters, WORKLOADS, workloadByName } from '../../../workloads/index.js';
import { parametersFrom } from '../lab-options.js';

const DEFAULT_WALL_MS = 600_000;
/** A program that writes a policy is often an agent that thinks for long. */
const COMMAND_TIMEOUT_MS = 1_800_000;

export interface SynthesizeFlags {
  readonly workload?: string;
  readonly param: string[];
  readonly goal?: string;
  readonly objective?: string;
  readonly proposer: 'genes' | 'model' | 'both';
  readonly model?: string;
  readonly repairs: string;
  readonly budget: string;
  readonly cpus: string;
  readonly kernel: string;
  readonly seed: string;
  readonly name?: string;
  readonly out?: string;
  /** A directory; true: that of --out, or the last with these settings. */
  readonly resume?: string | boolean;
  readonly json?: boolean;
}

/** The flags, understood. */
export interface Asked {
  readonly where: Case;
  readonly goal: Goal;
  readonly seed: number;
  readonly budget: SynthesisBudget;
  readonly model: ModelConfig | null;
  readonly repairs: number;
  /** What the policy is to be called. */
  readonly name: string | undefined;
  /** All that decides what the search does. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** @throws TunesmithError (usage) naming the flag */
export function askedBy(flags: SynthesizeFlags): Asked {
  const workload = workloadByName(workloadOf(flags));
  const goal = parseGoal(workload, flags.goal, flags.objective);
  const seed = parseCount(flags.seed, '--seed', 0, 2 ** 31 - 1);
  const cpus = parseCount(flags.cpus, '--cpus', 1, MAX_CPUS);
  const parameters = resolveParameters(workload, parametersFrom({ ...flags, workload: workload.name }));
  const { kernel, proposer } = flags;
  checkKernel(kernel, { policy: true });
  assertSearched(goal);
  const where: Case = { workload: workload.name, parameters, cpus, kernel, objective: goal.objective };
  const { guardrails } = goal;
  return {
    ...{ where, goal, seed, budget: bounded(parseBudget(flags.budget), flags), model: modelFrom(flags) },
    repairs: parseCount(flags.repairs, '--repairs', 0, 20),
    name: named(flags.name),
    settings: {
      ...where,
      objective: goal.objective.metric,
      guardrails,
      seed,
      proposer,
      model: flags.model ?? null,
    },
  };
}

/** A name that no other policy has. */
function named(name: string | undefined): string | undefined {
  if (name !== undefined && !NAME.test(name))
    throw usageError('--name', name, 'is no policy’s name', 'lower-case letters, digits and _, at most 31');
  if (name !== undefined && policyNames().includes(name) && !isSynthesized(join(POLICIES, name)))
    throw usageError('--name', name, 'is a policy of the repository', 'take another');
  return name;
}

function workloadOf({ workload }: SynthesizeFlags): string {
  if (workload !== undefined) return workload;
  throw missing('--workload', `name one of ${Object.keys(WORKLOADS).join(', ')}`);
}

/** What only the sampler measures, which searches go without. */
function assertSearched({ objective }: Goal): void {
  if (!isSampled(objective.metric)) return;
  throw usageError(
    '--objective',
    objective.metric,
    'is not measured in a search, which goes without the sampler',
    'take a metric of the load itself',
  );
}

/** Genes never run out: a budget of models alone would let them go on for ever. */
function bounded(budget: SynthesisBudget, { proposer, budget: text }: SynthesizeFlags): SynthesisBudget {
  const { run, day } = budget.model;
  if (proposer === 'genes' && Object.keys({ ...run, ...day }).length > 0)
    throw usageError('--budget', text, 'limits a model, and --proposer genes asks none', 'leave that out');
  return proposer === 'model' || (budget.wallMs ?? budget.candidates) !== undefined
    ? budget
    : { ...budget, wallMs: DEFAULT_WALL_MS };
}

/** A model is asked only where one is named: whoever writes policies should be known. */
function modelFrom({ proposer, model }: SynthesizeFlags): ModelConfig | null {
  if (proposer === 'genes') {
    if (model !== undefined) throw usageError('--model', model, 'goes with --proposer model or both');
    return null;
  }
  if (model !== undefined) return patient(parseModel(model), model);
  throw usageError(
    '--proposer',
    proposer,
    'needs a model, and none is configured',
    'name one with --model PROVIDER:MODEL (docs/models.md), or take --proposer genes, which needs none',
  );
}

/** A time limit that a .json file names is its own; a program that is named alone gets long enough to write code. */
const patient = (config: ModelConfig, spec: string): ModelConfig =>
  config.provider === 'command' && spec.startsWith('command:')
    ? { ...config, timeout: COMMAND_TIMEOUT_MS }
    : config;
