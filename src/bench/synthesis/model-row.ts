import { Lab } from '../../lab/lab.js';
import { parseModel } from '../../models/config.js';
import { noBook } from '../../models/day-book.js';
import { makeBudget, makeModel } from '../../models/index.js';
import { LabEvaluator } from '../../synthesis/evaluate.js';
import { FitCheck } from '../../synthesis/fit.js';
import { ModelJournal } from '../../synthesis/model/journal.js';
import { ModelProposer } from '../../synthesis/model/proposer.js';
import type { ArchiveView, Candidate, Score } from '../../synthesis/types.js';
import { Pipeline } from '../../verify/pipeline.js';
import { workloadByName } from '../../workloads/index.js';
import { scriptedServer } from '../models/server.js';
import { caseOf } from './cases.js';
import { MISTAKES, scriptedReply } from './script.js';

const CASE = 'mixed/2';
/** Three mistakes, then a sound policy; two policies a turn. */
const TURNS = 2;

/** A search that has tried nothing yet: what a model is first asked from. */
function nothingYet(): ArchiveView {
  const where = caseOf(CASE);
  const effort = { rigour: 'search', windowNs: workloadByName(where.workload).windowNs, seeds: [] } as const;
  const own: Score = { candidate: 'own', effort, value: null, values: [], metrics: {}, keys: [] };
  return { case: where, own, elites: [], tried: [] };
}

/**
 * A scripted model behind real HTTP that makes twelve kinds of mistake and repairs each: rows of the table of
 * `bench synthesis`. Tokens are our own count, on the dear side.
 */
export async function modelRows(note: (text: string) => void): Promise<string[][]> {
  const prompts: string[] = [];
  const server = await scriptedServer((prompt, nth) => {
    prompts.push(prompt);
    return scriptedReply(nth).text;
  });
  const where = caseOf(CASE);
  const pipeline = await Pipeline.open(where.kernel);
  const lab = new Lab();
  try {
    const budget = makeBudget({ run: {}, day: {} }, true, noBook);
    const model = makeModel(parseModel(`openai:scripted@${server.url}/v1`), budget);
    const journal = new ModelJournal(null);
    const { guardrails } = workloadByName(where.workload);
    const evaluator = new LabEvaluator(lab);
    const proposer = new ModelProposer({
      ...{ model, pipeline, journal, guardrails, stock: [], note },
      sampled: (one) => evaluator.sampled(one),
      spent: () => budget.spent,
    });
    const made: Candidate[] = [];
    for (let turn = 0; turn < TURNS; turn++) made.push(...(await proposer.propose(16, nothingYet())));
    return [...rowsOf(journal, prompts, model.account), await wholeCheck(pipeline, made.at(-1))];
  } finally {
    await Promise.all([pipeline.close(), lab.close(), server.close()]);
  }
}

/** The model's last policy through every stage of `policy check`: the others have passed it up to attach. */
async function wholeCheck(pipeline: Pipeline, last: Candidate | undefined): Promise<string[]> {
  const checked = last && (await new FitCheck(pipeline).of(last));
  const measured = checked?.accepted ? 'accepted' : (checked?.errors.join('; ') ?? 'there is none');
  return ['… the last of them through the whole check, probes included', measured, 'accepted'];
}

function rowsOf(
  journal: ModelJournal,
  prompts: readonly string[],
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
): string[][] {
  const calls = journal.of('call');
  const rejected = calls.flatMap(({ rejection }, nth) => (rejection ? [{ ...rejection, nth }] : []));
  const caught = rejected.filter(
    ({ stage, rule }, i) => MISTAKES[i]?.stage === stage && MISTAKES[i]?.rule === rule,
  );
  const told = rejected.filter(({ rule, nth }, i) => {
    const repair = prompts[nth + 1]?.split('That was rejected by').at(-1) ?? '';
    return repair.includes(`[${rule}]`) && repair.includes(MISTAKES[i]?.says ?? '');
  });
  const accepted = journal.of('candidate').length;
  const each = (tokens: number): string => Math.round(tokens / Math.max(1, accepted)).toLocaleString('en-US');
  return [
    [
      'scripted model over HTTP: kinds of mistake caught at their stage',
      `${caught.length}`,
      `${MISTAKES.length}`,
    ],
    ['… repair prompts that name rule, place and way out', `${told.length}`, `${MISTAKES.length}`],
    ['… policies accepted in the end (lint to attach)', `${accepted}`, `${2 * TURNS}`],
    [
      '… tokens per accepted policy, three repairs included (input, output)',
      `${each(inputTokens)}, ${each(outputTokens)}`,
      'reported',
    ],
  ];
}
