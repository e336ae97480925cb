import { z } from 'zod';
import type { PreparedTrial } from '../../lab/prepare.js';
import type { TrialResult } from '../../lab/trial.js';
import { measurementSchema } from '../../loop/result.js';
import { formatValue } from '../../units.js';

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
  metrics: { ...result.metrics },
  distributions: Object.fromEntries(
    Object.entries(result.distributions).map(([family, rows]) => [family, rows.map(([a, b]) => [a, b])]),
  ),
  knobs: { ...result.knobs },
  windowNs: result.windowNs,
  cached: result.cached,
  wallMs: result.wallMs,
});

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
  return [`${head} (${report.rigour} trial, ${how})`, ...table, `key ${report.key}`].join('\n');
}
