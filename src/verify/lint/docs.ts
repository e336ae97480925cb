import type { Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { TEXT_RULES } from './text.js';

export const BEGIN = '<!-- lint rules: written by scripts/lint-docs.mjs -->';
export const END = '<!-- end of the lint rules -->';

type Shown = Omit<Rule, 'check'> & { readonly shown?: string };

const examples = (bad: string, good: string): string =>
  `<details><summary>Examples</summary>\n\nFound:\n\n\`\`\`c\n${bad}\n\`\`\`\n\nNot found:\n\n\`\`\`c\n${good}\n\`\`\`\n\n</details>`;

/** The section on lint rules of docs/policies.md, from the rules themselves. */
export function lintRulesSection(): string {
  const texts: readonly Shown[] = Object.values(TEXT_RULES);
  const rules = [...RULES, ...texts].flatMap(({ id, severity, doc, bad, good, shown = bad }: Shown) => [
    `### \`${id}\``,
    `*${severity}.* ${doc}`,
    examples(shown, good),
  ]);
  const intro =
    'What can be seen in the source, before anything is compiled. An error is certain and rejects the policy; where a good policy might look the same, lint warns and a later stage decides. Where a rule is marked *error*, its paragraph says when it only warns. Examples are parts of a policy: with policy.bpf.h, a licence and a table of their callbacks where they have none, each “not found” one compiles without a warning, and each “found” one too unless clang itself refuses what the rule is about (test/verify/examples.test.ts).';
  return [BEGIN, intro, ...rules, END].join('\n\n');
}

/** A document with the section put in the place of what is between the two marks. */
export function withLintRules(document: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no ${BEGIN} … ${END}`);
  return document.slice(0, from) + lintRulesSection() + document.slice(to + END.length);
}
