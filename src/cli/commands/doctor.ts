import { Command } from 'commander';
import { EXIT } from '../../errors.js';
import { runDoctor } from '../../host/doctor.js';
import { formatDoctor } from '../../host/format-doctor.js';
import { makeOutput } from '../output.js';

export const doctorCommand = (): Command =>
  new Command('doctor')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }) => {
      const out = makeOutput(options.json ?? false);
      const report = await runDoctor();
      const color = Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined;
      out.result(report, formatDoctor(report, { color, width: process.stdout.columns ?? 100 }));
      process.exitCode = report.capable ? EXIT.done : EXIT.incapable;
    });
