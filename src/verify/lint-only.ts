import { createHash } from 'node:crypto';
import { cachedFor } from '../lab/kernels/check.js';
import { lintPolicy } from './lint.js';
import { type CheckRequest, kfuncsOf, reportOf, untold } from './pipeline.js';
import { rejects } from './verdict.js';
import type { PolicyVerdict } from './verdict-schema.js';

/**
 * A check that ends with lint. The source is looked at with the names of its kernel if that is in the cache, and with
 * what the rules know otherwise: nothing is fetched for it.
 */
export async function lintOnly(request: CheckRequest, spec: string): Promise<PolicyVerdict> {
  const { name, source, file, problems = [], onStage } = request;
  onStage?.('lint');
  const kernel = await cachedFor(spec);
  const kfuncs = kernel ? await kfuncsOf(kernel) : undefined;
  const verdict = await lintPolicy(source, { file, ...(kfuncs && { kfuncs }) });
  const report = reportOf({ ...verdict, findings: [...verdict.findings, ...problems.map(untold)] });
  return {
    schema: 'tunesmith.verdict/1',
    policy: name,
    sourceSha256: createHash('sha256').update(source).digest('hex'),
    kernel: kernel?.release ?? spec,
    accepted: !rejects(report),
    stage: rejects(report) ? 'lint' : null,
    until: 'lint',
    findings: report.findings,
    stages: [report],
  };
}
