import { z } from 'zod';
import { type SynthesisResult, synthesisSchema } from '../result.js';

/** In a synthesized policy's folder. */
export const LINEAGE = 'lineage.json';

const { case: where, seed, referee, selection, guardrails } = synthesisSchema.shape;

/** lineage.json in a synthesized policy's folder: where it comes from and why it was, or was not, chosen. */
export const lineageSchema = z.object({
  schema: z.literal('tunesmith.lineage/1'),
  policy: z.string(),
  candidate: z.string(),
  recommended: z.boolean(),
  answer: z.string(),
  command: z.string().describe('what makes it again'),
  case: where,
  guardrails,
  seed,
  /** From the candidate back to those that were not made from others. */
  ancestors: z.array(
    z.object({
      id: z.string(),
      by: z.string(),
      parents: z.array(z.string()),
      words: z.string(),
      tunables: z.record(z.string(), z.number()),
      gain: z.number().nullable().describe('over EEVDF in the search, a share'),
    }),
  ),
  referee,
  selection,
});

export type Lineage = z.infer<typeof lineageSchema>;

/** A candidate's ancestors, itself first, each once, nearest first. */
export function ancestorsOf(tried: SynthesisResult['tried'], id: string): SynthesisResult['tried'][number][] {
  const known = new Map(tried.map((one) => [one.id, one]));
  const found = new Map<string, SynthesisResult['tried'][number]>();
  const open = [id];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const one = known.get(next);
    if (one === undefined || found.has(next)) continue;
    found.set(next, one);
    open.push(...one.parents);
  }
  return [...found.values()];
}

/** The lineage of the policy that a result is about. */
export function lineageOf(
  result: SynthesisResult,
  policy: string,
  candidate: string,
  recommended: boolean,
): Lineage {
  const {
    command,
    case: searched,
    guardrails: rails,
    seed: own,
    referee: judged,
    selection: chosen,
    answer,
  } = result;
  return {
    schema: 'tunesmith.lineage/1',
    ...{ policy, candidate, recommended, answer, command, case: searched, guardrails: rails, seed: own },
    ancestors: ancestorsOf(result.tried, candidate).map(({ id, by, parents, words, tunables, gain }) => ({
      ...{ id, by, parents, words, tunables, gain },
    })),
    referee: judged,
    selection: chosen,
  };
}
