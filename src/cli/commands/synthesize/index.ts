import { join } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT } from '../../../errors.js';
import { prepareOutDir } from '../../../report/out-dir.js';
import { shellLine } from '../../../shell.js';
import { claimOut, freeOut, keepFlags, keptFlags } from '../../../synthesis/settings.js';
import { WORKLOADS } from '../../../workloads/index.js';
import { collect, trusting } from '../../options.js';
import { makeOutput } from '../../output.js';
import { stopSignal } from '../../signals.js';
import { commandLine } from '../tune.js';
import { askedBy, type SynthesizeFlags } from './flags.js';
import { runSynthesis } from './run.js';
import { synthesisText } from './text.js';

/** Flags that say what is searched for, and not how it is shown. */
const KEPT = [
  ...['workload', 'param', 'goal', 'objective', 'proposer', 'model', 'repairs', 'budget'],
  ...['cpus', 'kernel', 'seed', 'name'],
] as const;

export const synthesizeCommand = (): Command => {
  const command = trusting(new Command('synthesize'));
  return command
    .description(
      'search for a sched_ext policy that beats EEVDF and every policy of the repository on a load',
    )
    .option('--workload <name>', Object.keys(WORKLOADS).join(', '))
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
      '10m for everything, "200 candidates" of the search, calls=, tokens=, usd=, usd/day=; several with commas',
      '10m',
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
    .option(
      '--resume [dir]',
      'go on with the search in that directory, which knows all else; without it, with the one in --out',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  tunesmith synthesize --workload mixed --budget 10m
  tunesmith synthesize --workload wakeup --goal "lower p99, keep throughput within 3 %" --budget "64 candidates"
  tunesmith synthesize --resume out/mixed --budget 20m`,
    )
    .action(async (given: SynthesizeFlags) => {
      const out = makeOutput(given.json ?? false);
      const flags = resumed(command, given);
      const asked = askedBy(flags);
      const resume = (flags.resume ?? false) !== false;
      const dir = prepareOutDir(flags.out ?? freeOut(asked.where.workload, asked.settings, resume));
      claimOut(dir, asked.settings, resume);
      out.note(`writes to ${dir}`);
      const signal = stopSignal(out.note);
      const result = await runSynthesis({
        ...{ flags, asked, dir, note: out.note, step: out.step, signal },
        keep: () => keepFlags(dir, kept(flags)),
        command:
          typeof flags.resume === 'string'
            ? commandOf(command, flags)
            : commandLine().replace(/ --resume\b/, ''),
      });
      out.result(result, synthesisText(result, join(dir, 'report.html')));
      if (signal.aborted || result.selection.decision === 'undecided') process.exitCode = EXIT.rejected;
    });
};

/** With `--resume DIR`: what the search there was asked for, and in place of it what is given now. */
function resumed(command: Command, given: SynthesizeFlags): SynthesizeFlags {
  if (typeof given.resume !== 'string') return given;
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const now = Object.fromEntries(Object.entries(given).filter(([name]) => isGiven(name)));
  return { ...given, ...keptFlags(given.resume), ...now, out: given.resume };
}

/** The command that a search was begun with, for `--resume DIR` does not say it. */
function commandOf(command: Command, flags: SynthesizeFlags): string {
  const words = Object.entries(kept(flags)).flatMap(([name, value]) => {
    const isDefault = command.options.some(
      (option) => option.attributeName() === name && String(option.defaultValue) === String(value),
    );
    return isDefault ? [] : [value].flat().flatMap((one) => [`--${name}`, one]);
  });
  return shellLine('tunesmith', 'synthesize', ...words, '--out', flags.out ?? '');
}

const kept = (flags: SynthesizeFlags): Record<string, string | string[]> =>
  Object.fromEntries(
    KEPT.flatMap((name) => {
      const value = flags[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
