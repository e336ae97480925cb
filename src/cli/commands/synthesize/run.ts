import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TunesmithError, usageError } from '../../../errors.js';
import { Lab } from '../../../lab/lab.js';
import type { Budget } from '../../../models/budget.js';
import { type AccountedModel, makeBudget, makeModel } from '../../../models/index.js';
import { findPolicy, listPolicies } from '../../../policies/catalogue.js';
import { writeFilesAtomically } from '../../../report/atomic.js';
import { keepEvidence } from '../../../report/keep-evidence.js';
import { renderSynthesis } from '../../../report/synthesis.js';
import { shellLine } from '../../../shell.js';
import { assembleSynthesis, bestCandidates } from '../../../synthesis/assemble.js';
import { leftOf } from '../../../synthesis/budget.js';
import { Clock } from '../../../synthesis/clock.js';
import { LabEvaluator } from '../../../synthesis/evaluate.js';
import { FitCheck } from '../../../synthesis/fit.js';
import type { Origin } from '../../../synthesis/folder/manifest.js';
import { evidenceFor, nameOf, writePolicy } from '../../../synthesis/folder/write.js';
import { genesSource } from '../../../synthesis/genes/candidate.js';
import { GenesProposer } from '../../../synthesis/genes/proposer.js';
import { ModelJournal } from '../../../synthesis/model/journal.js';
import { ModelProposer } from '../../../synthesis/model/proposer.js';
import { roughly } from '../../../synthesis/plan.js';
import type { SynthesisResult } from '../../../synthesis/result.js';
import { JOURNAL, TIMES } from '../../../synthesis/settings.js';
import { type SynthesisOutcome, synthesize, timeLeft } from '../../../synthesis/synthesize.js';
import type { Candidate, Proposer, Tried } from '../../../synthesis/types.js';
import { Pipeline } from '../../../verify/pipeline.js';
import type { Asked, SynthesizeFlags } from './flags.js';
import { Progress } from './progress.js';
import { searchLine } from './text.js';

export interface Run {
  readonly flags: SynthesizeFlags;
  readonly asked: Asked;
  /** The --out directory. */
  readonly dir: string;
  readonly command: string;
  /** Keeps the flags in the directory, for whoever goes on with it. */
  readonly keep: () => void;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly step: (text: string) => void;
}

/** What a run asks a model for, and what its calls may cost. */
interface Minds {
  readonly model: AccountedModel | null;
  readonly journal: ModelJournal;
  readonly budget: Budget;
  proposer: ModelProposer | null;
}

/** @throws TunesmithError (incapable) without the key of the model that is asked for */
function mindsOf({ asked, dir }: Run): Minds {
  const journal = new ModelJournal(asked.model === null ? null : join(dir, 'model.jsonl'));
  const limits = leftOf(asked.budget.model, journal.spent());
  const replays = asked.model?.tape?.mode === 'replay';
  const budget = makeBudget(limits, replays);
  const model = asked.model && makeModel(asked.model, budget);
  return { model, journal, budget, proposer: null };
}

/** From the flags to result.json, report.html and the policy's folder. */
export async function runSynthesis(run: Run): Promise<SynthesisResult> {
  const { asked, dir, flags } = run;
  const minds = mindsOf(run);
  const { wallMs, candidates = Number.MAX_SAFE_INTEGER } = asked.budget;
  const clock = new Clock(join(dir, TIMES), wallMs);
  if (clock.leftMs() === 0) {
    clock.close();
    throw usageError(
      '--budget',
      flags.budget,
      `is used up: what was done in ${dir} took ${roughly(spentMs(clock))}`,
      'give more than that, for a duration limits all that was and will be done',
    );
  }
  run.keep();
  const signal = AbortSignal.any([run.signal, clock.signal]);
  const lab = new Lab();
  let underWay = (): number => 0;
  const progress = new Progress(run, () =>
    [`${underWay()} measurements under way`, timeLeft(clock)].filter(Boolean).join(', '),
  );
  const { note, step } = progress;
  let pipeline: Pipeline | undefined;
  const close = async (): Promise<void> => void (await Promise.all([lab.close(), pipeline?.close()]));
  // What is under way ends at once, and what is known by then is the outcome.
  signal.addEventListener('abort', () => void close(), { once: true });
  try {
    pipeline = await Pipeline.open(asked.where.kernel);
    if (signal.aborted) await close();
    const { kernel } = pipeline;
    const fits = new FitCheck(pipeline, note);
    const evaluator = new LabEvaluator(lab, note);
    underWay = () => evaluator.underWay;
    const parts = { pipeline, evaluator, fits, note, signal };
    const outcome = await synthesize({
      ...{ where: asked.where, goal: asked.goal, seed: asked.seed, fits, signal, note, clock, candidates },
      evaluator,
      proposers: (stock, over) => proposersOf(run, minds, { ...parts, stock, over }),
      journal: join(dir, JOURNAL),
      onProgress: (reached) => step(searchLine(reached, asked.where, timeLeft(clock))),
    });
    const result = assembleSynthesis(outcome, {
      ...{ command: run.command, where: asked.where, kernel: kernel.release, goal: asked.goal },
      ...{ words: flags.goal ?? null, seed: asked.seed, budget: flags.budget },
      proposers: flags.proposer === 'both' ? ['genes', 'model'] : [flags.proposer],
      model: spentOn(minds),
    });
    for (const said of minds.model?.notes ?? []) note(`model: ${said}`);
    return await written({ ...run, note, signal }, result, outcome, { minds, lab, fits });
  } finally {
    progress.close();
    clock.close();
    await close();
  }
}

const spentMs = (clock: Clock): number => Object.values(clock.took()).reduce((sum, ms) => sum + ms, 0);

function proposersOf(
  { flags, asked }: Run,
  minds: Minds,
  {
    pipeline,
    stock,
    evaluator,
    fits,
    note,
    over,
  }: {
    readonly pipeline: Pipeline;
    readonly stock: readonly Tried[];
    readonly evaluator: LabEvaluator;
    readonly fits: FitCheck;
    readonly note: (text: string) => void;
    /** A model that is being asked when the search is to end is not waited for. */
    readonly over: AbortSignal;
  },
) {
  const proposers: Proposer[] = [];
  if (flags.proposer !== 'model') proposers.push(new GenesProposer(genesSource(), asked.seed));
  if (minds.model) {
    minds.proposer = new ModelProposer({
      ...{ model: minds.model, journal: minds.journal, pipeline, stock, note, fits },
      ...{ guardrails: asked.goal.guardrails, repairs: asked.repairs, signal: over },
      sampled: (where) => evaluator.sampled(where),
      spent: () => minds.budget.spent,
    });
    proposers.push(minds.proposer);
  }
  return proposers;
}

const spentOn = ({ model, journal, proposer }: Minds) =>
  model && {
    ...{ account: model.account, spent: journal.spent(), ended: proposer?.ended ?? null },
    accepted: journal.of('candidate').length,
    dropped: journal.of('dropped').map(({ reason }) => reason),
  };

/** Writes the folder, if there is time to check the policy for it, then result and report, which name it. */
async function written(
  run: Run,
  result: SynthesisResult,
  outcome: SynthesisOutcome,
  { minds, lab, fits }: { minds: Minds; lab: Lab; fits: FitCheck },
): Promise<SynthesisResult> {
  const folder = run.signal.aborted ? null : await folderOf(run, result, outcome, { minds, lab, fits });
  const whole = { ...result, policy: folder, ...(run.signal.aborted && cutShort(result)) };
  writeFilesAtomically(run.dir, {
    'result.json': `${JSON.stringify(whole, null, 2)}\n`,
    'report.html': renderSynthesis(whole),
  });
  return whole;
}

/** What is said where the end came while the folder was being made, or before. */
function cutShort({ undone, answer }: SynthesisResult): Pick<SynthesisResult, 'undone' | 'answer'> {
  if (undone.length > 0) return { undone, answer };
  const what = 'the check of the policy for its folder, and its evidence';
  return { undone: [what], answer: `${answer} Not done: ${what}. \`--resume\` goes on from there.` };
}

async function folderOf(
  { asked, dir, note, flags, signal }: Run,
  result: SynthesisResult,
  outcome: SynthesisOutcome,
  { minds, lab, fits }: { minds: Minds; lab: Lab; fits: FitCheck },
): Promise<SynthesisResult['policy']> {
  const best = bestCandidates(outcome);
  if (best.length > 0) note('folder: checking the policy for it');
  const fit = await fits.first(best);
  if (fit === null) return null;
  const { candidate, isWeighted } = fit;
  const recommended = result.selection.policy === candidate.id;
  const name = asked.name ?? nameOf(result.case.workload, candidate);
  const folder = writePolicy(dir, name, result, candidate, {
    ...originOf(candidate, minds.proposer),
    isWeighted,
  });
  try {
    const evidence = await evidenceFor(lab, folder, flags.kernel, recommended, note);
    if (evidence.length > 0) keepEvidence(folder, evidence);
  } catch (error) {
    const isPassing = error instanceof TunesmithError && ['machine', 'interrupted'].includes(error.code);
    if (!isPassing && !signal.aborted) throw error;
    note(
      `folder: without evidence, ${messageOf(error)}; \`${shellLine('tunesmith', 'policy', 'trial', folder)}\` makes it`,
    );
  }
  return { name, candidate: candidate.id, dir: folder, recommended };
}

function originOf(candidate: Candidate, proposer: ModelProposer | null): Omit<Origin, 'isWeighted'> {
  if (candidate.by === 'model') return { proposal: proposer?.proposalOf(candidate.id) };
  if (candidate.by === 'genes') return { base: findPolicy('genes').manifest };
  const base = listPolicies().find(({ source }) => readFileSync(source, 'utf8') === candidate.source);
  if (base === undefined)
    throw new TunesmithError('internal', `candidate ${candidate.id} is of no policy in the repository`);
  return { base: base.manifest };
}
