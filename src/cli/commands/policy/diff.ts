import { Command } from 'commander';
import { checkKernel } from '../../../lab/kernels/check.js';
import { Lab } from '../../../lab/lab.js';
import { behaviourOf, type PolicyDiff, policyDiff } from '../../../synthesis/compare/diff.js';
import { formatValue } from '../../../units.js';
import { gatherEvidence } from '../../../verify/evidence.js';
import { evidenceIn } from '../../../verify/evidence-files.js';
import { findSubject, type Subject } from '../../../verify/subject.js';
import { workloadByName } from '../../../workloads/index.js';
import { collect, trusting } from '../../options.js';
import { makeOutput } from '../../output.js';

interface DiffFlags {
  readonly trial: string[];
  readonly kernel: string;
  readonly json?: boolean;
}

/** A difference for people. */
export function diffText({ policies, tunables, functions, behaviour }: PolicyDiff): string {
  const [a = '', b = ''] = policies;
  const told = (value: number | null | undefined, unit: string): string =>
    value === null || value === undefined ? '–' : formatValue(value, unit);
  const same = functions.filter(({ change }) => change === 'same').map(({ name }) => name);
  return [
    `- ${a}`,
    `+ ${b}`,
    '',
    'tunables',
    ...(tunables.length === 0 ? ['  the same'] : []),
    ...tunables.map(({ name, values }) => `  ${name}: ${told(values[0], '')} → ${told(values[1], '')}`),
    '',
    'functions',
    ...(same.length > 0 ? [`  the same: ${same.join(', ')}`] : []),
    ...functions
      .filter(({ change }) => change !== 'same')
      .flatMap(({ name, change, lines }) => [`  ${name}: ${change}`, ...lines.map((line) => `    ${line}`)]),
    '',
    `behaviour (EEVDF, ${a}, ${b})`,
    ...(behaviour.length === 0
      ? ['  no trial that both have; measure with --trial WORKLOAD, or keep some with `policy trial`']
      : []),
    ...behaviour.flatMap(({ workload, kernel, rigour, figures }) => [
      `  ${workload} on Linux ${kernel} (${rigour})`,
      ...figures.map(({ metric, own, values }) => {
        const unit = workloadByName(workload).metrics[metric]?.unit ?? 'count';
        return `    ${metric.padEnd(22)} ${told(own, unit).padStart(10)} ${told(values[0], unit).padStart(10)} ${told(values[1], unit).padStart(10)}`;
      }),
    ]),
  ].join('\n');
}

async function measured(subjects: readonly [Subject, Subject], { trial, kernel }: DiffFlags) {
  const lab = new Lab();
  try {
    const rows: PolicyDiff['behaviour'] = [];
    for (const workload of trial) {
      const [a, b] = await Promise.all(
        subjects.map((subject) => gatherEvidence(lab, subject, { workload, kernel, rigour: 'search' })),
      );
      if (a && b) rows.push(...behaviourOf([a], [b]));
    }
    return rows;
  } finally {
    await lab.close();
  }
}

export const diffCommand = (): Command =>
  trusting(new Command('diff'))
    .description('how two policies differ: tunables, functions, and what was measured of both')
    .argument('<a>', 'a name, the path of a directory, or of a C source')
    .argument('<b>', 'another')
    .option(
      '--trial <workload>',
      'measure both on it for a moment; may be repeated (default: kept evidence)',
      collect,
      [],
    )
    .option('--kernel <spec>', 'for --trial', 'scx')
    .option('--json', 'print one JSON object')
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const subjects = [findSubject(a), findSubject(b)] as const;
      for (const workload of flags.trial) workloadByName(workload);
      if (flags.trial.length > 0) checkKernel(flags.kernel, { policy: true });
      const kept = ({ dir }: Subject) => (dir === undefined ? [] : evidenceIn(dir));
      const behaviour =
        flags.trial.length > 0
          ? await measured(subjects, flags)
          : behaviourOf(kept(subjects[0]), kept(subjects[1]));
      const diff = await policyDiff(subjects, behaviour);
      makeOutput(flags.json ?? false).result(diff, diffText(diff));
    });
