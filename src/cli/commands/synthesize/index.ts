import { join } from 'node:path';
import { Command, Option } from 'commander';
import { prepareOutDir } from '../../../report/out-dir.js';
import { claimOut, freeOut } from '../../../synthesis/settings.js';
import { collect, trusting } from '../../options.js';
import { makeOutput } from '../../output.js';
import { stopSignal } from '../../signals.js';
import { commandLine } from '../tune.js';
import { askedBy, type SynthesizeFlags } from './flags.js';
import { runSynthesis } from './run.js';
import { synthesisText } from './text.js';

export const synthesizeCommand = (): Command =>
  trusting(new Command('synthesize'))
    .description(
      'search for a sched_ext policy that beats EEVDF and every policy of the repository on a load',
    )
    .requiredOption('--workload <name>', 'wakeup, mixed, hackbench, forkstorm, stressors, pgbench or idle')
    .option('--param <name=value>', 'a parameter of the workload; may be repeated', collect, [])
    .option(
      '--goal <sentence>',
      'for example "lower p99, keep throughput within 3 %" (default: the workload’s own)',
    )
    .option('--objective <metric>', 'another metric than the workload’s own')
    .addOption(
      new Option('--proposer <name>', 'genes needs no model; both take turns')
        .choices(['genes', 'model', 'both'])
        .default('genes'),
    )
    .option('--model <spec>', 'gemini:NAME, openai:NAME[@URL], command:PROGRAM, tape:FILE or a .json file')
    .option('--repairs <n>', 'model: how often a rejected candidate goes back', '3')
    .option(
      '--budget <limits>',
      'of the search: 5m, "200 candidates", calls=, tokens=, usd=, usd/day=; several with commas',
      '5m',
    )
    .option('--cpus <n>', 'virtual CPUs', '2')
    .option('--kernel <spec>', 'scx, a version such as 7.3, or the path of a vmlinuz', 'scx')
    .option('--seed <n>', 'of the search', '1')
    .option(
      '--name <name>',
      'of the policy, its folder and its ops table (default: after workload and genome)',
    )
    .option(
      '--out <dir>',
      'where the policy’s folder, result.json, report.html and the journals go (default: out/WORKLOAD, or the next free name)',
    )
    .option('--resume', 'go on with the search in --out, from the last finished trial')
    .option('--json', 'print one JSON object')
    .action(async (flags: SynthesizeFlags) => {
      const out = makeOutput(flags.json ?? false);
      const asked = askedBy(flags);
      const resume = flags.resume ?? false;
      const dir = prepareOutDir(flags.out ?? freeOut(asked.where.workload, asked.settings, resume));
      claimOut(dir, asked.settings, resume);
      out.note(`writes to ${dir}`);
      const result = await runSynthesis({
        ...{ flags, asked, dir, note: out.note, step: out.step },
        signal: stopSignal(out.note),
        command: commandLine().replace(/ --resume\b/, ''),
      });
      out.result(result, synthesisText(result, join(dir, 'report.html')));
    });
