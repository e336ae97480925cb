import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { STAGES } from '../../verify/verdict.js';

/** A bad policy, and what its first comment says must become of it. */
export interface BadPolicy {
  readonly file: string;
  readonly source: string;
  /** The stage that must reject it; all before it must not. */
  readonly stage: (typeof STAGES)[number];
  readonly rule: string;
  /** Part of what the finding must say, in message or hint. */
  readonly says: string;
  /** The lab kernel it is for. */
  readonly kernel: string;
}

const expectation = z.object({
  stage: z.enum(STAGES),
  rule: z.string().regex(/^(?:lint|compile|load|attach|trial)\/[a-z0-9-]+$/),
  says: z.string().min(1),
  kernel: z.string().default('scx'),
});

/** The repository's own corpus; an installed package has none. */
const HOME = new URL('../../../test/policies/', import.meta.url);
const filesIn = (dir: string): string[] =>
  readdirSync(new URL(`${dir}/`, HOME))
    .filter((file) => file.endsWith('.bpf.c'))
    .sort();
const read = (dir: string, file: string): string => readFileSync(new URL(`${dir}/${file}`, HOME), 'utf8');

/** Every policy in test/policies/bad, in order. */
export const badPolicies = (): BadPolicy[] =>
  filesIn('bad').map((file) => {
    const source = read('bad', file);
    const comment = source.slice(0, source.indexOf('*/'));
    const said = Object.fromEntries(
      [...comment.matchAll(/^ \* (\w+): ?(.*)$/gm)].map(([, key, value]) => [key, value]),
    );
    return { file, source, ...expectation.parse(said) };
  });

/** Every policy in test/policies/good: all stages must take them. */
export const goodPolicies = (): { file: string; source: string }[] =>
  filesIn('good').map((file) => ({ file, source: read('good', file) }));
