import { usageError } from '../errors.js';
import { Pipeline } from '../verify/pipeline.js';
import { table } from './table.js';
import { lintPart } from './verify/lint-part.js';
import { badPart, type Checking, goodPart, type Part, timesPart } from './verify/parts.js';

const KERNEL = 'scx';

const PARTS: Readonly<Record<string, (checking: Checking, repeats: number) => Promise<Part>>> = {
  lint: lintPart,
  bad: badPart,
  good: goodPart,
  times: timesPart,
};

/**
 * The corpus and the shipped policies through every stage: how many bad ones are caught where they must be, how many
 * good ones are not let through, and how long it takes. Only the last part, `times`, wants a quiet machine.
 */
export async function verifyBench(
  repeats: number,
  note: (text: string) => void,
  { only = '', part }: { readonly only?: string; readonly part?: string } = {},
): Promise<{ text: string }> {
  const names = part === undefined ? Object.keys(PARTS) : [part];
  const pipelines = new Map<string, Promise<Pipeline>>();
  const check: Checking['check'] = async (policy, kernel = KERNEL) => {
    if (!pipelines.has(kernel)) pipelines.set(kernel, Pipeline.open(kernel));
    return ((await pipelines.get(kernel)) as Pipeline).check({ ...policy, file: policy.name });
  };
  const done: Part[] = [];
  try {
    for (const name of names) {
      const run = PARTS[name];
      if (run === undefined)
        throw usageError('--part', name, 'is no part', `one of: ${Object.keys(PARTS).join(', ')}`);
      done.push(await run({ check, note, only }, repeats));
    }
  } finally {
    for (const pipeline of pipelines.values()) await (await pipeline).close();
  }
  const rows = [['figure', 'measured', 'bar'], ...done.flatMap((one) => one.rows)];
  return { text: [table(rows), ...done.flatMap(({ wrong }) => wrong)].join('\n') };
}
