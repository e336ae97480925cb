import { Argument, Command } from 'commander';
import { controlBench } from '../../bench/control-bench.js';
import { fidelityBench } from '../../bench/fidelity.js';
import { labBench } from '../../bench/lab-bench.js';
import { mcpBench } from '../../bench/mcp-bench.js';
import { telemetryBench } from '../../bench/telemetry-bench.js';
import { tuneBench } from '../../bench/tune-bench.js';
import { parseCount } from '../../units.js';
import { makeOutput } from '../output.js';

type Bench = (repeats: number, note: (text: string) => void) => Promise<{ readonly text: string }>;

/** Experiments by name, and how often each repeats unless told. */
const EXPERIMENTS: Readonly<Record<string, { readonly run: Bench; readonly repeats: number }>> = {
  lab: { run: (repeats, note) => labBench({ repeats, note }), repeats: 20 },
  tune: { run: tuneBench, repeats: 5 },
  fidelity: { run: fidelityBench, repeats: 5 },
  mcp: { run: mcpBench, repeats: 1000 },
  telemetry: { run: telemetryBench, repeats: 12 },
  control: { run: controlBench, repeats: 210 },
};

export const benchCommand = (): Command =>
  new Command('bench')
    .description('experiments that print the tables in docs/')
    .addArgument(new Argument('<experiment>').choices(Object.keys(EXPERIMENTS)))
    .option('--repeats <n>', 'runs of each exactness check (20), seeds (5), rounds (12) or kills (210)')
    .option('--json', 'print one JSON object')
    .action(async (name: string, flags: { repeats?: string; json?: boolean }) => {
      const out = makeOutput(flags.json ?? false);
      const experiment = EXPERIMENTS[name] as (typeof EXPERIMENTS)[string];
      const repeats =
        flags.repeats === undefined ? experiment.repeats : parseCount(flags.repeats, '--repeats', 2, 1000);
      const done = await experiment.run(repeats, out.note);
      out.result(done, done.text);
    });
