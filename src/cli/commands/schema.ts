import { Argument, Command } from 'commander';
import { z } from 'zod';
import { doctorReportSchema } from '../../host/report.js';
import { resultSchema } from '../../loop/result.js';
import { manifestSchema } from '../../policies/manifest.js';
import { policyListSchema, policyReportSchema } from './policy/report.js';
import { trialReportSchema } from './trial-report.js';

const SCHEMAS = {
  tune: resultSchema,
  doctor: doctorReportSchema,
  trial: trialReportSchema,
  policies: policyListSchema,
  policy: policyReportSchema,
  manifest: manifestSchema,
} as const;

export const schemaCommand = (): Command =>
  new Command('schema')
    .description('the JSON Schema of what a command prints with --json')
    .addArgument(new Argument('<what>').choices(Object.keys(SCHEMAS)))
    .action((what: keyof typeof SCHEMAS) => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(SCHEMAS[what]), null, 2)}\n`);
    });
