import { formatValue } from '../../units.js';
import { claimsOf } from '../../verify/claims.js';
import { EVEN, type Evidence, gain, outcome } from '../../verify/evidence-schema.js';
import type { Subject } from '../../verify/subject.js';
import { workloadByName } from '../../workloads/index.js';
import type { Metrics } from '../../workloads/types.js';
import { table } from '../table.js';

/** What was found of one policy. */
export interface Measured {
  readonly subject: Subject;
  readonly found: readonly Evidence[];
  /** Workloads that came to nothing, and why. */
  readonly failures: readonly string[];
}

/** The workloads, and the objective under the kernel's own scheduler with one seed after the other, as far as known. */
export type Loads = ReadonlyMap<string, readonly number[]>;

const times = (ratio: number | undefined): string =>
  ratio === undefined || !Number.isFinite(ratio) ? '-' : `× ${ratio.toFixed(2)}`;

/** Figures beside the objectives that some policies are made for. */
const BESIDE = [
  { head: 'work of the hogs in mixed', workload: 'mixed', metric: 'throughput_corrected_per_s' },
  { head: 'transactions in pgbench', workload: 'pgbench', metric: 'throughput_corrected_per_s' },
  { head: 'switches in mixed', workload: 'mixed', metric: 'switches_per_s' },
  { head: 'switches in pgbench', workload: 'pgbench', metric: 'switches_per_s' },
] as const;

const ratio = (under: Metrics, own: Metrics, metric: string): number | undefined => {
  const [figure, reference] = [under[metric], own[metric]];
  return figure === undefined || reference === undefined ? undefined : figure / reference;
};

const claims = ({ subject }: Measured): string[] => claimsOf(subject);

/** How far seeds alone move an objective, as a share of it. */
function evenWithin(loads: Loads, workload: string): number {
  const values = loads.get(workload) ?? [];
  return values.length < 2 ? EVEN : Math.max(EVEN, Math.max(...values) / Math.min(...values) - 1);
}

const NOT_BORNE_OUT = { loses: 'and loses there', even: 'and is even there' } as const;

/** Claims that the figures do not bear out, what came to nothing, and what each policy that gains nowhere is for. */
function verdicts(measured: readonly Measured[], loads: Loads): string[] {
  return measured.flatMap((one) => {
    const { name, manifest } = one.subject;
    const came = (found: Evidence) => outcome(found, evenWithin(loads, found.workload));
    const claimed = one.found.filter(({ workload }) => claims(one).includes(workload));
    const lines = one.failures.map((failure) => `\`${name}\`: ${failure}`);
    for (const found of claimed) {
      const as = came(found);
      if (as !== 'gains') lines.push(`\`${name}\` claims ${found.workload} ${NOT_BORNE_OUT[as]}`);
    }
    for (const { workload } of manifest?.doesNotSuit ?? [])
      if (one.found.some((found) => found.workload === workload && came(found) === 'gains'))
        lines.push(`\`${name}\` says that ${workload} does not suit it and gains there`);
    const isWhole = one.found.length + one.failures.length === loads.size;
    if (isWhole && !one.found.some((found) => came(found) === 'gains'))
      lines.push(
        `\`${name}\` gains on none of these loads; it suits, by its manifest: ${manifest?.suits.map(({ what }) => what).join('; ')}`,
      );
    return lines;
  });
}

/** For each load that was measured, who gains on it, the best first. */
function winners(measured: readonly Measured[], loads: Loads): string[] {
  return [...loads.keys()].flatMap((workload) => {
    const found = measured.flatMap((one) => one.found).filter((evidence) => evidence.workload === workload);
    if (found.length === 0) return [];
    const best = found
      .filter((evidence) => outcome(evidence, evenWithin(loads, workload)) === 'gains')
      .sort((a, b) => gain(b) - gain(a))
      .map((evidence) => `\`${evidence.policy}\` (${times(gain(evidence))})`);
    return [`${workload}: ${best.length === 0 ? 'none gains' : `${best.join(', ')}`}`];
  });
}

/** docs/evidence.md: what each policy gains and costs beside the kernel's own scheduler. */
export function evidencePage(measured: readonly Measured[], loads: Loads): string {
  const workloads = [...loads.keys()];
  const cell = (one: Measured, workload: string): string => {
    const found = one.found.find((evidence) => evidence.workload === workload);
    return `${times(found && gain(found))}${claims(one).includes(workload) ? ' *' : ''}`;
  };
  const beside = (one: Measured, { workload, metric }: (typeof BESIDE)[number]): string => {
    const found = one.found.find((evidence) => evidence.workload === workload);
    return times(found && ratio(found.metrics, found.ownMetrics, metric));
  };
  const objectives = workloads.map((workload) => {
    const found = measured.flatMap((one) => one.found).find((evidence) => evidence.workload === workload);
    const unit = workloadByName(workload).metrics[found?.objective ?? '']?.unit ?? 'count';
    const told = (value: number): string => formatValue(value, unit);
    const values = loads.get(workload) ?? [];
    const seeds =
      values.length === 0
        ? '-'
        : `${told(Math.min(...values))} to ${told(Math.max(...values))}, ${values.length} seeds`;
    return [
      workload,
      found?.objective ?? '-',
      found?.direction ?? '-',
      found ? told(found.ownValue) : '-',
      seeds,
      `${Math.round(evenWithin(loads, workload) * 100)} %`,
    ];
  });
  const name = ({ subject }: Measured): string => `\`${subject.name}\``;
  const kernel = measured[0]?.found[0]?.kernel ?? 'no kernel';
  return [
    '# Evidence',
    '',
    'Written by `npm run evidence`; nothing here is by hand.',
    '',
    `Each policy on each workload of the lab against the scheduler of Linux ${kernel} itself, on two CPUs, by the`,
    'referee: a cold boot for either, the same in everything but the policy, one seed, repeatable bit for bit. Each pair',
    'of trials lies in `policies/NAME/evidence/KEY.json` with all of its figures.',
    '',
    'How many times better the objective was (above 1 the policy wins; how far from 1 is even, the last table says):',
    '',
    table([
      ['policy', ...workloads],
      ...measured.map((one) => [name(one), ...workloads.map((w) => cell(one, w))]),
    ]),
    '',
    '\\* the manifest says that it suits this load.',
    '',
    'What is not in the objectives, as policy by kernel’s own (work: more is better; switches: fewer cost less):',
    '',
    table([
      ['policy', ...BESIDE.map(({ head }) => head)],
      ...measured.map((one) => [name(one), ...BESIDE.map((column) => beside(one, column))]),
    ]),
    '',
    'The objectives, what the kernel’s own scheduler reaches, and how far other seeds alone move that:',
    '',
    table([['workload', 'objective', 'better', 'own', 'own with other seeds', 'even within'], ...objectives]),
    '',
    '## What it says',
    '',
    ...[...winners(measured, loads), ...verdicts(measured, loads)].map((line) => `- ${line}`),
    '',
    'The lab has no caches, no frequencies, no second threads and one cgroup, and its loads ask for no slices: what',
    '`llc`, `compact`, `cgroup` and `latency` are for is not in these figures (ARCHITECTURE.md, docs/lab.md).',
  ].join('\n');
}
