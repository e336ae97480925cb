import { Command } from 'commander';
import { type Explanation, explain } from '../../../synthesis/compare/explain.js';
import { formatValue } from '../../../units.js';
import { findSubject } from '../../../verify/subject.js';
import { workloadByName } from '../../../workloads/index.js';
import { makeOutput } from '../../output.js';
import { MEASURED } from './report.js';

const part = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

function evidenceLines({ evidence }: Explanation): string[] {
  return evidence.flatMap(({ workload, kernel, objective, value, ownValue, gain, isCurrent, behaviour }) => {
    const unit = workloadByName(workload).metrics[objective]?.unit ?? 'count';
    const figures = `${formatValue(value, unit)} instead of ${formatValue(ownValue, unit)}, × ${gain.toFixed(2)}`;
    const old = isCurrent ? '' : ' (of another version)';
    return [
      `  ${workload} on Linux ${kernel}: ${objective} ${figures}${old}`,
      ...behaviour.slice(0, 3).map((text) => `      ${text}`),
    ];
  });
}

/** An explanation for people. */
export function explanationText(explanation: Explanation): string {
  const { policy, manifest, head, traits, callbacks, tunables, lineage, problems } = explanation;
  const told = manifest?.tunables ?? [];
  return [
    `${policy}${manifest ? ` ${manifest.version}: ${manifest.summary}` : ''}`,
    ...(manifest ? ['', manifest.algorithm] : []),
    ...part(
      'in the words of its source',
      head.map((text) => `  ${text}`),
    ),
    ...part(
      'what the source does',
      traits.map((text) => `  it ${text}`),
    ),
    ...part(
      'callbacks',
      callbacks.map(({ name, comment }) => `  ${name}${comment === '' ? '' : `: ${comment}`}`),
    ),
    ...part(
      'tunables',
      tunables.map(({ name, value }) => {
        const one = told.find((tunable) => tunable.name === name);
        return `  ${name} = ${formatValue(value, one?.unit === 'ns' ? 'ns' : 'count')}${one ? `: ${one.meaning}; ${one.cost}` : ''}`;
      }),
    ),
    ...part(
      'suits',
      (manifest?.suits ?? []).map(({ what }) => `  ${what}`),
    ),
    ...part(
      'does not suit',
      (manifest?.doesNotSuit ?? []).map(({ what }) => `  ${what}`),
    ),
    ...part(MEASURED, evidenceLines(explanation)),
    ...(explanation.evidence.length === 0
      ? ['', 'nothing measured is kept beside it; `tunesmith policy trial` measures it']
      : []),
    ...part(
      'where it comes from',
      lineage
        ? [
            `  ${lineage.answer}`,
            `  ${lineage.ancestors} ancestors${lineage.recommended ? '' : '; NOT RECOMMENDED'}; again: ${lineage.command}`,
          ]
        : [],
    ),
    ...part(
      'problems',
      problems.map((text) => `  ${text}`),
    ),
  ].join('\n');
}

export const explainCommand = (): Command =>
  new Command('explain')
    .description(
      'what a policy does and what that came to, from its source, manifest and evidence (no model)',
    )
    .argument('<policy>', 'its name, the path of its directory, or of a C source')
    .option('--json', 'print one JSON object')
    .action(async (spec: string, flags: { json?: boolean }) => {
      const explanation = await explain(findSubject(spec));
      makeOutput(flags.json ?? false).result(explanation, explanationText(explanation));
    });
