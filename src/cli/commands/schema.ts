import { Argument, Command } from 'commander';
import { z } from 'zod';
import { changeListSchema, stagedSchema } from '../../change/schema.js';
import { rulesSchema } from '../../govern/schema.js';
import { doctorReportSchema } from '../../host/report.js';
import { recordSchema } from '../../ledger/record.js';
import { resultSchema } from '../../loop/result.js';
import { manifestSchema } from '../../policies/manifest.js';
import { policyDiffSchema } from '../../synthesis/compare/diff.js';
import { explanationSchema } from '../../synthesis/compare/explain.js';
import { lineageSchema } from '../../synthesis/folder/lineage.js';
import { synthesisSchema } from '../../synthesis/result.js';
import { evidenceSchema } from '../../verify/evidence-schema.js';
import { verdictSchema } from '../../verify/verdict-schema.js';
import { policyListSchema, policyReportSchema } from './policy/report.js';
import { trialReportSchema } from './trial-report.js';

const SCHEMAS = {
  tune: resultSchema,
  doctor: doctorReportSchema,
  trial: trialReportSchema,
  rules: rulesSchema,
  changes: changeListSchema,
  staged: stagedSchema,
  ledger: recordSchema,
  policies: policyListSchema,
  policy: policyReportSchema,
  manifest: manifestSchema,
  verdict: verdictSchema,
  evidence: evidenceSchema,
  synthesis: synthesisSchema,
  lineage: lineageSchema,
  explanation: explanationSchema,
  diff: policyDiffSchema,
} as const;

export const schemaCommand = (): Command =>
  new Command('schema')
    .addArgument(new Argument('<what>', 'which').choices(Object.keys(SCHEMAS)))
    .action((what: keyof typeof SCHEMAS) => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(SCHEMAS[what]), null, 2)}\n`);
    });
