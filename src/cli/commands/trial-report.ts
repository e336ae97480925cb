import { z } from 'zod';
import { type PolicyRun, statusReply } from '../../lab/policy.js';
import type { PreparedTrial } from '../../lab/prepare.js';
import type { TrialResult } from '../../lab/trial.js';
import { measurementSchema } from '../../loop/result.js';
import { formatValue } from '../../units.js';

const policyRunSchema = z.object({
  held: z.boolean(),
  status: statusReply,
  failure: z.string().optional(),
  timeoutMs: z.int(),
  programs: z.array(z.object({ name: z.string(), insns: z.int(), states: z.int(), peak_states: z.int() })),
});

/** What `tunesmith lab trial --json` prints. Without `wallMs` and `cached` it is the same bytes each time. */
export const trialReportSchema = measurementSchema.extend({
  schema: z.literal('tunesmith.trial/1'),
  key: z.string(),
  rigour: z.enum(['search', 'referee']),
  fingerprint: z.object({ start: z.string(), end: z.string() }),
  kernel: z.string(),
  qemu: z.string(),
  arch: z.enum(['x64', 'arm64']),
  cpus: z.int(),
  workload: z.string(),
  parameters: z.record(z.string(), z.number()),
  seed: z.int(),
  policy: z
    .object({
      sha256: z.string(),
      tunables: z.record(z.string(), z.number()),
      timeoutMs: z.int(),
      runs: z.array(policyRunSchema),
    })
    .optional(),
  cached: z.boolean(),
  wallMs: z.number(),
});

export type TrialReport = z.infer<typeof trialReportSchema>;

export const trialReport = ({ kernel, qemu, spec }: PreparedTrial, result: TrialResult): TrialReport => ({
  schema: 'tunesmith.trial/1',
  key: result.key,
  rigour: result.rigour,
  fingerprint: result.fingerprint,
  kernel: kernel.release,
  qemu: qemu.version,
  arch: spec.shape.arch,
  cpus: spec.shape.cpus,
  workload: spec.workload,
  parameters: { ...spec.parameters },
  seed: spec.seed,
  ...(spec.policy === undefined
    ? {}
    : {
        policy: {
          ...spec.policy,
          tunables: { ...spec.policy.tunables },
          runs: (result.policyRuns ?? []).map((run) => ({ ...run })),
        },
      }),
  metrics: { ...result.metrics },
  distributions: Object.fromEntries(
    Object.entries(result.distributions).map(([family, rows]) => [family, rows.map(([a, b]) => [a, b])]),
  ),
  knobs: { ...result.knobs },
  windowNs: result.windowNs,
  cached: result.cached,
  wallMs: result.wallMs,
});

/** One line on a policy: that it held, or how it ended. */
export function policyLine({ held, status: { name, exit }, failure }: PolicyRun): string {
  if (held) return `policy ${name}: in force throughout`;
  const end = exit
    ? `${exit.reason}${exit.message ? `: ${exit.message}` : ''}`
    : 'for a reason it did not leave';
  return `policy ${name}: EJECTED (${end})${failure ? `; the load then failed: ${failure}` : ''}`;
}

/** The report as a table for people; the objective comes first. */
export function formatTrial(report: TrialReport, { workload }: PreparedTrial): string {
  const names = [
    workload.objective,
    ...Object.keys(report.metrics).filter((name) => name !== workload.objective),
  ];
  const rows = names.map((name) => {
    const metric = workload.metrics[name];
    return [name, formatValue(report.metrics[name], metric?.unit ?? ''), metric?.meaning ?? ''] as const;
  });
  const [left, right] = [0, 1].map((i) => Math.max(...rows.map((row) => (row[i] as string).length))) as [
    number,
    number,
  ];
  const table = rows.map(
    ([name, value, meaning]) => `${name.padEnd(left)}  ${value.padStart(right)}  ${meaning}`,
  );
  const head = `${report.workload} on Linux ${report.kernel}, ${report.cpus} CPUs, seed ${report.seed}`;
  const how = report.cached ? 'from the cache' : `in ${(report.wallMs / 1000).toFixed(1)} s`;
  const policies = [...new Set((report.policy?.runs ?? []).map(policyLine))];
  return [`${head} (${report.rigour} trial, ${how})`, ...policies, ...table, `key ${report.key}`].join('\n');
}
