import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { findPolicy } from '../../../policies/catalogue.js';
import { manifestProblems } from '../../../policies/problems.js';
import { evidenceIn } from '../../../verify/evidence-files.js';
import { makeOutput } from '../../output.js';
import { type PolicyReport, policyText } from './report.js';

export const showCommand = (): Command =>
  new Command('show')
    .description('what a policy does, for what, and what can be set')
    .argument('<policy>', 'its name, or the path of its directory')
    .option('--source', 'print its C source')
    .option('--json', 'print one JSON object')
    .action((spec: string, flags: { source?: boolean; json?: boolean }) => {
      const { manifest, source, dir } = findPolicy(spec);
      const text = readFileSync(source, 'utf8');
      const report: PolicyReport = {
        schema: 'tunesmith.policy-report/1',
        manifest,
        source,
        problems: manifestProblems(manifest, text).map(({ message }) => message),
        evidence: evidenceIn(dir),
      };
      makeOutput(flags.json ?? false).result(report, flags.source ? text.trimEnd() : policyText(report));
    });
