import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import { policyNames } from '../policies/catalogue.js';
import { Pipeline } from '../verify/pipeline.js';
import { table } from './table.js';
import { badPolicies, goodPolicies } from './verify/corpus.js';
import { lintPart } from './verify/lint-part.js';
import { SHAPES } from './verify/lint-shapes.js';
import { badPart, type Checking, goodPart, type Part, timesPart } from './verify/parts.js';

const KERNEL = 'scx';

interface Measures {
  readonly run: (checking: Checking, repeats: number) => Promise<Part>;
  /** What `--only` chooses from. */
  readonly names: () => readonly string[];
}

const bad = (): readonly string[] => badPolicies().map(({ file }) => file);
const good = (): readonly string[] => goodPolicies().map(({ file }) => file);

const PARTS: Readonly<Record<string, Measures>> = {
  lint: { run: lintPart, names: () => SHAPES.map(({ name }) => name) },
  bad: { run: badPart, names: bad },
  good: { run: goodPart, names: () => [...good(), ...policyNames()] },
  times: { run: timesPart, names: () => [...policyNames(), ...bad()] },
};

/** The parts that are asked for. @throws TunesmithError (usage) for one that is none, or when nothing would be measured */
function chosen(part: string | undefined, only: string): readonly Measures[] {
  if (part !== undefined && !Object.hasOwn(PARTS, part))
    throw usageError('--part', part, 'is no part', nearHint(part, Object.keys(PARTS)));
  const parts = part === undefined ? Object.values(PARTS) : [PARTS[part] as Measures];
  const names = [...new Set(parts.flatMap((one) => one.names()))];
  if (!names.some((name) => name.includes(only)))
    throw usageError('--only', only, 'is in no name of what is measured', nearHint(only, names));
  return parts;
}

/**
 * The corpus and the shipped policies through every stage: how many bad ones are caught where they must be, how many
 * good ones are not let through, and how long it takes. Only the last part, `times`, wants a quiet machine.
 * @throws TunesmithError (usage), before anything is checked, for a part that is none or names of nothing
 */
export async function verifyBench(
  repeats: number,
  note: (text: string) => void,
  { only = '', part }: { readonly only?: string; readonly part?: string } = {},
): Promise<{ text: string }> {
  const parts = chosen(part, only);
  const pipelines = new Map<string, Promise<Pipeline>>();
  const check: Checking['check'] = async (policy, kernel = KERNEL) => {
    if (!pipelines.has(kernel)) pipelines.set(kernel, Pipeline.open(kernel));
    return ((await pipelines.get(kernel)) as Pipeline).check({ ...policy, file: policy.name });
  };
  const done: Part[] = [];
  try {
    for (const { run } of parts) done.push(await run({ check, note, only }, repeats));
  } finally {
    for (const pipeline of pipelines.values()) await (await pipeline).close();
  }
  const rows = [['figure', 'measured', 'bar'], ...done.flatMap((one) => one.rows)];
  return { text: [table(rows), ...done.flatMap(({ wrong }) => wrong)].join('\n') };
}
