import { Argument, Command } from 'commander';
import { labBench } from '../../bench/lab-bench.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';

export const benchCommand = (): Command =>
  new Command('bench')
    .description('experiments that print the tables in docs/')
    .addArgument(new Argument('<experiment>').choices(['lab']))
    .option('--repeats <n>', 'runs of each exactness check', '20')
    .option('--json', 'print one JSON object')
    .action(async (_experiment: string, flags: { repeats: string; json?: boolean }) => {
      const out = makeOutput(flags.json ?? false);
      const table = await labBench({
        repeats: parseCount(flags.repeats, '--repeats', 2, 1000),
        note: out.note,
      });
      out.result(table, table.text);
    });
