import { isDeepStrictEqual } from 'node:util';
import { Lab } from '../lab/lab.js';
import { gainOf } from '../loop/objective.js';
import { searchEfforts } from '../synthesis/efforts.js';
import { LabEvaluator } from '../synthesis/evaluate.js';
import { genesSource } from '../synthesis/genes/candidate.js';
import { GenesProposer } from '../synthesis/genes/proposer.js';
import { search } from '../synthesis/search/search.js';
import type { SearchOutcome } from '../synthesis/search/types.js';
import { beatsOutsideSpread } from '../synthesis/select.js';
import type { Case, Effort, Score } from '../synthesis/types.js';
import { formatValue, signedPercent } from '../units.js';
import { workloadByName } from '../workloads/index.js';
import { caseOf, chosenCases } from './synthesis/cases.js';
import { contest } from './synthesis/contest.js';
import { modelRows } from './synthesis/model-row.js';
import { table } from './table.js';

export interface SynthesisBenchFlags {
  /** Comma-separated cases of the table; `none` leaves it out. */
  readonly cases?: string;
  /** Candidates of each search. */
  readonly candidates?: number;
}

const SEED = 1;
const CANDIDATES = 64;
/** Enough for the pace to show, and for two of them not to take all day. */
const PACED = 48;
const PACED_CASE = 'mixed/2';

type Note = (text: string) => void;

/** A search whose every trial is run anew. */
async function pacedSearch(where: Case, efforts: readonly Effort[]): Promise<SearchOutcome> {
  const lab = new Lab({ fresh: true });
  try {
    return await search({
      ...{ where, efforts, seed: SEED, budget: { candidates: PACED } },
      evaluator: new LabEvaluator(lab),
      proposers: [new GenesProposer(genesSource(), SEED)],
    });
  } finally {
    await lab.close();
  }
}

const sameOutcome = (one: SearchOutcome, other: SearchOutcome): boolean =>
  isDeepStrictEqual([one.own, one.tried, one.finalists], [other.own, other.tried, other.finalists]);

const paceOf = ({ progress }: SearchOutcome): string =>
  ((60_000 * PACED) / (progress.at(-1)?.elapsedMs ?? 1)).toFixed(0);

/** How fast candidates are scored, and a search with all its efforts twice: how fast, and whether it comes to the same. */
async function paceRows(note: Note): Promise<string[][]> {
  const where = caseOf(PACED_CASE);
  const efforts = searchEfforts(workloadByName(where.workload));
  const scored = await pacedSearch(where, efforts.slice(0, 1));
  const outcomes = [await pacedSearch(where, efforts), await pacedSearch(where, efforts)] as const;
  const paces = outcomes.map(paceOf).join(', ');
  note(`${PACED} candidates on ${PACED_CASE}: ${paceOf(scored)} scored a minute; whole searches ${paces}`);
  return [
    ['figure', 'measured', 'bar'],
    [
      `candidates verified and scored a minute (${PACED_CASE}, ${PACED} candidates, the first effort)`,
      paceOf(scored),
      '60 or more',
    ],
    ['… the whole search, with the longer windows of their best', paces, 'reported'],
    [
      'the same search run twice, nothing cached',
      sameOutcome(...outcomes) ? 'identical winner and numbers' : 'DIFFERENT',
      'identical',
    ],
  ];
}

const figure = ({ objective }: Case, { value, values }: Score): string => {
  const there = values.filter((one) => one !== null);
  const of = (one: number | null): string => formatValue(one, objective.unit);
  return value === null ? 'none' : `${of(value)} (${of(Math.min(...there))} – ${of(Math.max(...there))})`;
};

async function caseRow(
  lab: Lab,
  name: string,
  { candidates, seeds, note }: { candidates: number; seeds: number; note: Note },
): Promise<{ row: string[]; words: string }> {
  const where = caseOf(name);
  const { objective } = where;
  const { own, written, shipped, genes } = await contest(new LabEvaluator(lab), where, {
    ...{ candidates, seeds, seed: SEED },
    note: (text) => note(`${name}: ${text}`),
  });
  const known = [
    ...[name, objective.metric, figure(where, own)],
    ...[written?.name ?? 'none', written ? figure(where, written.score) : '–'],
  ];
  const found = shipped ? `${shipped.name} ${figure(where, shipped.score)}` : 'none';
  if (!genes) return { row: [...known, 'none held', '–', 'no', found], words: `${name}: none held` };
  const rivals = [own, ...(written ? [written.score] : [])];
  const row = [
    ...[...known, figure(where, genes.score)],
    rivals.map(({ value }) => signedPercent(gainOf(objective, value, genes.score.value))).join(', '),
    rivals.every((rival) => beatsOutsideSpread(objective, genes.score, rival)) ? 'yes' : 'no',
    found,
  ];
  note(`${name}: ${row.slice(1).join(' | ')}`);
  const { words, tunables } = genes.candidate;
  return { row, words: `${name} (${genes.name}): ${words} \`${JSON.stringify(tunables)}\`` };
}

/**
 * Searches over genes: their pace, whether they repeat, and what they find, against the kernel's own scheduler and the
 * best policy of the repository. Trials come from the cache, so that it can be run case by case.
 * @param seeds of the referee
 */
export async function synthesisBench(
  seeds: number,
  note: Note,
  { cases, candidates = CANDIDATES }: SynthesisBenchFlags,
): Promise<{ text: string }> {
  const parts: string[] = [];
  if (cases === undefined || cases === 'none')
    parts.push(table([...(await paceRows(note)), ...(await modelRows(note))]));
  if (cases === 'none') return { text: parts.join('\n\n') };
  const lab = new Lab();
  try {
    const head = [
      'case',
      'objective',
      'EEVDF',
      'best written',
      'its figure',
      'best genes',
      'gain over both',
      'outside the spread',
      'found before',
    ];
    const rows: string[][] = [];
    const words: string[] = [];
    for (const name of chosenCases(cases)) {
      const found = await caseRow(lab, name, { candidates, seeds, note });
      rows.push(found.row);
      words.push(found.words);
    }
    parts.push(table([head, ...rows]), words.map((line) => `- ${line}`).join('\n'));
    return { text: parts.join('\n\n') };
  } finally {
    await lab.close();
  }
}
