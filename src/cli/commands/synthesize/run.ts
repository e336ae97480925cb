import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../../../errors.js';
import { Lab } from '../../../lab/lab.js';
import type { Budget } from '../../../models/budget.js';
import { type AccountedModel, makeBudget, makeModel } from '../../../models/index.js';
import { findPolicy, listPolicies } from '../../../policies/catalogue.js';
import { writeFilesAtomically } from '../../../report/atomic.js';
import { keepEvidence } from '../../../report/keep-evidence.js';
import { renderSynthesis } from '../../../report/synthesis.js';
import { assembleSynthesis, bestCandidates } from '../../../synthesis/assemble.js';
import { leftOf } from '../../../synthesis/budget.js';
import { LabEvaluator } from '../../../synthesis/evaluate.js';
import { FitCheck } from '../../../synthesis/fit.js';
import type { Origin } from '../../../synthesis/folder/manifest.js';
import { evidenceFor, nameOf, writePolicy } from '../../../synthesis/folder/write.js';
import { genesSource } from '../../../synthesis/genes/candidate.js';
import { GenesProposer } from '../../../synthesis/genes/proposer.js';
import { ModelJournal } from '../../../synthesis/model/journal.js';
import { ModelProposer } from '../../../synthesis/model/proposer.js';
import type { SynthesisResult } from '../../../synthesis/result.js';
import { elapsedIn } from '../../../synthesis/search/journal.js';
import { JOURNAL } from '../../../synthesis/settings.js';
import { type SynthesisOutcome, synthesize } from '../../../synthesis/synthesize.js';
import type { Candidate, Proposer, Tried } from '../../../synthesis/types.js';
import { Pipeline } from '../../../verify/pipeline.js';
import type { Asked, SynthesizeFlags } from './flags.js';
import { searchLine } from './text.js';

export interface Run {
  readonly flags: SynthesizeFlags;
  readonly asked: Asked;
  /** The --out directory. */
  readonly dir: string;
  readonly command: string;
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
  const { asked, signal, note, step, dir, flags } = run;
  const minds = mindsOf(run);
  const lab = new Lab();
  const pipeline = await Pipeline.open(asked.where.kernel);
  const fits = new FitCheck(pipeline);
  const evaluator = new LabEvaluator(lab);
  const { wallMs, candidates = Number.MAX_SAFE_INTEGER } = asked.budget;
  try {
    const outcome = await synthesize({
      ...{ where: asked.where, goal: asked.goal, seed: asked.seed, fits, signal, note },
      evaluator,
      proposers: (stock) => proposersOf(run, minds, { pipeline, stock, evaluator }),
      budget: { candidates, wallMs },
      journal: join(dir, JOURNAL),
      onProgress: (progress) => step(searchLine(progress, asked.where)),
    });
    const result = assembleSynthesis(outcome, {
      ...{ command: run.command, where: asked.where, kernel: pipeline.kernel.release, goal: asked.goal },
      ...{ words: flags.goal ?? null, seed: asked.seed, budget: flags.budget },
      proposers: flags.proposer === 'both' ? ['genes', 'model'] : [flags.proposer],
      model: spentOn(minds),
    });
    return await written(run, result, outcome, { minds, lab, fits });
  } finally {
    await Promise.all([lab.close(), pipeline.close()]);
  }
}

function proposersOf(
  { flags, asked, signal, note, dir }: Run,
  minds: Minds,
  { pipeline, stock, evaluator }: { pipeline: Pipeline; stock: readonly Tried[]; evaluator: LabEvaluator },
) {
  const proposers: Proposer[] = [];
  if (flags.proposer !== 'model') proposers.push(new GenesProposer(genesSource(), asked.seed));
  if (minds.model) {
    // A model that is being asked when the time is up is not waited for.
    const { wallMs } = asked.budget;
    const leftMs = wallMs === undefined ? undefined : Math.max(0, wallMs - elapsedIn(join(dir, JOURNAL)));
    minds.proposer = new ModelProposer({
      ...{ model: minds.model, journal: minds.journal, pipeline, stock, note },
      ...{ guardrails: asked.goal.guardrails, repairs: asked.repairs },
      sampled: (where) => evaluator.sampled(where),
      spent: () => minds.budget.spent,
      signal: leftMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(leftMs)]),
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

/** Writes the folder, then result and report, which name it. */
async function written(
  { asked, dir, note, flags }: Run,
  result: SynthesisResult,
  outcome: SynthesisOutcome,
  { minds, lab, fits }: { minds: Minds; lab: Lab; fits: FitCheck },
): Promise<SynthesisResult> {
  const best = bestCandidates(outcome);
  if (best.length > 0) note('checking the policy for the folder');
  const fit = await fits.first(best);
  let whole = result;
  if (fit) {
    const { candidate, isWeighted } = fit;
    const recommended = result.selection.policy === candidate.id;
    const name = asked.name ?? nameOf(result.case.workload, candidate);
    const folder = writePolicy(dir, name, result, candidate, {
      ...originOf(candidate, minds.proposer),
      isWeighted,
    });
    const evidence = await evidenceFor(lab, folder, flags.kernel, recommended, note);
    if (evidence.length > 0) keepEvidence(folder, evidence);
    whole = { ...result, policy: { name, candidate: candidate.id, dir: folder, recommended } };
  }
  writeFilesAtomically(dir, {
    'result.json': `${JSON.stringify(whole, null, 2)}\n`,
    'report.html': renderSynthesis(whole),
  });
  return whole;
}

function originOf(candidate: Candidate, proposer: ModelProposer | null): Omit<Origin, 'isWeighted'> {
  if (candidate.by === 'model') return { proposal: proposer?.proposalOf(candidate.id) };
  if (candidate.by === 'genes') return { base: findPolicy('genes').manifest };
  const base = listPolicies().find(({ source }) => readFileSync(source, 'utf8') === candidate.source);
  if (base === undefined)
    throw new TunesmithError('internal', `candidate ${candidate.id} is of no policy in the repository`);
  return { base: base.manifest };
}
