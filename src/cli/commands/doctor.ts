import { Command } from 'commander';
import { EXIT } from '../../errors.js';
import { runDoctor } from '../../host/doctor.js';
import { formatDoctor } from '../../host/format-doctor.js';
import { unguardedWrite } from '../../shown.js';
import { makeOutput } from '../output.js';

export const doctorCommand = (): Command =>
  new Command('doctor')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }) => {
      const out = makeOutput(options.json ?? false);
      const report = await runDoctor();
      const color = Boolean(process.stdout.isTTY) && process.env.NO_COLOR === undefined;
      const text = formatDoctor(report, { color, width: process.stdout.columns ?? 100 });
      if (color && !out.json) unguardedWrite(process.stdout, `${text}\n`);
      else out.result(report, text);
      process.exitCode = report.capable ? EXIT.done : EXIT.incapable;
    });
