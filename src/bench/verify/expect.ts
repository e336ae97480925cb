import type { PolicyVerdict } from '../../verify/verdict-schema.js';
import type { BadPolicy } from './corpus.js';

/** Where a verdict differs from what a bad policy says must become of it; empty when it does not. */
export function mistakes({ stage, rule, says }: BadPolicy, verdict: PolicyVerdict): string[] {
  const errors = verdict.findings.filter(({ severity }) => severity === 'error');
  if (verdict.accepted) return [`accepted, should be rejected by ${rule}`];
  const told = errors.map((found) => `${found.rule}: ${found.message}`).join(' | ');
  if (verdict.stage !== stage) return [`rejected by ${verdict.stage} instead of ${stage} (${told})`];
  const named = errors.filter((found) => found.rule === rule);
  if (named.length === 0) return [`no ${rule} (${told})`];
  const words = named.map(({ message, hint }) => `${message}; ${hint}`).join('\n');
  return words.includes(says) ? [] : [`${rule} does not say ${JSON.stringify(says)}: ${words}`];
}
