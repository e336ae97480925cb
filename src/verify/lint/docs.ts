import { RULES } from './rules/index.js';
import { TEXT_RULES } from './text.js';

export const BEGIN = '<!-- lint rules: written by scripts/lint-docs.mjs -->';
export const END = '<!-- end of the lint rules -->';

/** The section on lint rules of docs/policies.md, from the rules themselves. */
export function lintRulesSection(): string {
  const rules = RULES.flatMap(({ id, severity, doc, bad, good }) => [
    `### \`${id}\``,
    `*${severity}.* ${doc}`,
    `<details><summary>Examples</summary>\n\nFound:\n\n\`\`\`c\n${bad}\n\`\`\`\n\nNot found:\n\n\`\`\`c\n${good}\n\`\`\`\n\n</details>`,
  ]);
  const texts = Object.values(TEXT_RULES).flatMap(({ id, severity, doc }) => [
    `### \`${id}\``,
    `*${severity}.* ${doc}`,
  ]);
  const intro =
    'What can be seen in the source, before anything is compiled. An error is certain and rejects the policy; where a good policy might look the same, lint warns and a later stage decides. Where a rule is marked *error*, its paragraph says when it only warns.';
  return [BEGIN, intro, ...rules, ...texts, END].join('\n\n');
}

/** A document with the section put in the place of what is between the two marks. */
export function withLintRules(document: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the document has no ${BEGIN} … ${END}`);
  return document.slice(0, from) + lintRulesSection() + document.slice(to + END.length);
}
