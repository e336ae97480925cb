import { workloadsOf } from '../../verify/evidence.js';
import { EVEN, type Evidence, gain } from '../../verify/evidence-schema.js';
import type { Subject } from '../../verify/subject.js';
import type { Metrics } from '../../workloads/types.js';
import { table } from '../table.js';

/** What was found of one policy. */
export interface Measured {
  readonly subject: Subject;
  readonly found: readonly Evidence[];
  /** Workloads that came to nothing, and why. */
  readonly failures: readonly string[];
}

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

const claims = ({ subject }: Measured): string[] =>
  workloadsOf(subject).flatMap(({ name, claimed }) => (claimed ? [name] : []));

/** Claims that the figures contradict, and policies with a claim none of which shows. */
function verdicts(measured: readonly Measured[]): string[] {
  return measured.flatMap((one) => {
    const { name, manifest } = one.subject;
    const claimed = one.found.filter(({ workload }) => claims(one).includes(workload));
    const worse = claimed.filter((found) => gain(found) < 1 - EVEN).map(({ workload }) => workload);
    const wins = one.found.some((found) => gain(found) > 1 + EVEN);
    const lines = one.failures.map((failure) => `\`${name}\`: ${failure}`);
    if (worse.length > 0) lines.push(`\`${name}\` claims ${worse.join(', ')} and loses there`);
    if (!wins)
      lines.push(
        `\`${name}\` gains on none of these loads; it suits, by its manifest: ${manifest?.suits.map(({ what }) => what).join('; ')}`,
      );
    return lines;
  });
}

/** docs/evidence.md: what each policy gains and costs beside the kernel's own scheduler. */
export function evidencePage(measured: readonly Measured[], workloads: readonly string[]): string {
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
    const own = found ? `${Number(found.ownValue.toPrecision(4))}` : '-';
    return [workload, found?.objective ?? '-', found?.direction ?? '-', own];
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
    `How many times better the objective was (above 1 the policy wins; within ${EVEN * 100} % it is even):`,
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
    'The objectives, and what the kernel’s own scheduler reaches:',
    '',
    table([['workload', 'objective', 'better', 'own'], ...objectives]),
    '',
    '## What it says',
    '',
    ...verdicts(measured).map((line) => `- ${line}`),
    '',
    'The lab has no caches, no frequencies, no second threads and one cgroup, and its loads ask for no slices: what',
    '`llc`, `compact`, `cgroup` and `latency` are for is not in these figures (ARCHITECTURE.md, docs/lab.md).',
  ].join('\n');
}
