import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { messageOf, usageError } from '../../errors.js';
import { cgroupNames } from '../../host/cgroup-names.js';
import { frame } from '../../observe/frame.js';
import { live } from '../../observe/live.js';
import { FIRST_VIEW, SORT_NAMES, type Sort } from '../../observe/view.js';
import { type Watched, watch } from '../../observe/watch.js';
import { shown } from '../../shown.js';
import { HIERARCHIES, KEYS_BY, type SamplerOptions } from '../../telemetry/options.js';
import { assertProcess } from '../../telemetry/process.js';
import { Sampler } from '../../telemetry/sampler.js';
import { parseCount, parsePositiveDuration } from '../../units.js';
import { examples } from '../examples.js';
import { collect } from '../options.js';
import { makeOutput } from '../output.js';
import { stopSignal } from '../signals.js';

interface Flags {
  readonly by: (typeof KEYS_BY)[number];
  readonly pid: string[];
  readonly cgroup?: string;
  readonly cpu: string[];
  readonly outliers?: string;
  readonly pmc?: string;
  readonly every: string;
  readonly budget: string;
  readonly keys: string;
  readonly interval?: string;
  readonly name?: string;
  readonly hierarchy: (typeof HIERARCHIES)[number];
  readonly duration?: string;
  readonly sort: Sort;
  readonly json?: boolean;
}

function budgetOf(text: string): number {
  const percent = Number(text.replace(/ ?%$/, ''));
  if (text.trim() === '' || !(percent >= 0 && percent <= 100))
    throw usageError(
      '--budget',
      text,
      'is no share of a CPU from 0 to 100 %',
      'for example --budget 1%; 0: no limit',
    );
  return percent / 100;
}

const optionsFrom = (flags: Flags): SamplerOptions => ({
  by: flags.by,
  hierarchy: flags.hierarchy,
  keys: parseCount(flags.keys, '--keys', 4, 65_536),
  processes: flags.pid.map((pid) => parseCount(pid, '--pid', 1, 2 ** 22)),
  cpus: flags.cpu.map((cpu) => parseCount(cpu, '--cpu', 0, 8191)),
  sampleEvery: parseCount(flags.every, '--every', 1, 1_000_000),
  budget: budgetOf(flags.budget),
  outlierNs: flags.outliers === undefined ? 0 : parsePositiveDuration(flags.outliers, '--outliers'),
  ...(flags.cgroup === undefined ? {} : { cgroup: flags.cgroup }),
  // Names are checked by the sampler, which knows them.
  ...(flags.pmc === undefined ? {} : { pmc: flags.pmc.split(',') as NonNullable<SamplerOptions['pmc']> }),
});

/** @throws TunesmithError (usage) naming the pattern */
function nameOf(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw usageError(
      '--name',
      pattern,
      `is no regular expression: ${messageOf(error)}`,
      'for example --name ^redis',
    );
  }
}

function titleOf({ settings }: Sampler): string {
  const release = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  const { by, processes, cgroup, sampleEvery, hierarchy } = settings;
  const of = by === 'cgroup' ? ` of ${hierarchy === 'v1' ? 'v1’s cpu controller' : 'v2'}` : '';
  const only = [
    processes.length > 0 ? `only pid ${processes.join(', ')}` : '',
    cgroup === undefined ? '' : `only ${shown(cgroup)}`,
    sampleEvery > 1 ? `1 interval in ${sampleEvery}` : '',
  ].filter((part) => part !== '');
  return [`tunesmith observe · Linux ${release} · by ${by}${of}`, ...only].join(' · ');
}

/** For programs: one JSON object. */
const reportOf = (sampler: Sampler, { look, outliers }: Watched): object => ({
  schema: 'tunesmith.observe/1',
  settings: sampler.settings,
  counted: sampler.counted,
  pmcRefusal: sampler.pmcRefusal === '' ? null : sampler.pmcRefusal,
  ...look,
  outliers,
});

async function observe(flags: Flags): Promise<void> {
  const out = makeOutput(flags.json ?? false);
  const duration = (text: string | undefined, field: string): number | undefined =>
    text === undefined ? undefined : parsePositiveDuration(text, field) / 1e6;
  const intervalMs = duration(flags.interval, '--interval');
  const durationMs = duration(flags.duration, '--duration');
  const name = nameOf(flags.name);
  const options = optionsFrom(flags);
  for (const pid of options.processes ?? []) assertProcess(pid, '--pid');
  // To end what is being watched is how one leaves: the figures so far are the result, from the first moment on.
  const stop = stopSignal(() => {});
  const sampler = Sampler.open(options);
  try {
    const { by, hierarchy, processes, cgroup } = sampler.settings;
    const names = by === 'cgroup' ? cgroupNames(hierarchy) : undefined;
    const pathOf = names && ((id: number) => names.pathOf(id));
    const shared = { title: titleOf(sampler), by, filtered: processes.length > 0 || cgroup !== undefined };
    if (process.stdout.isTTY && process.stdin.isTTY && !out.json) {
      const color = process.env.NO_COLOR === undefined;
      const view = { sort: flags.sort, name, pathOf, intervalMs: intervalMs ?? 1000, durationMs, color };
      await live(sampler, { ...shared, ...view }, stop);
      return;
    }
    if (sampler.pmcRefusal !== '') out.note(`counters: ${sampler.pmcRefusal}`);
    const whole = durationMs ?? (intervalMs === undefined ? 5000 : undefined);
    for await (const watched of watch(sampler, { intervalMs, durationMs: whole, pathOf, name }, stop)) {
      const view = { ...FIRST_VIEW, sort: flags.sort, name };
      const around = { ...shared, outliers: watched.outliers.first.toReversed() };
      const lines = frame(watched.look, view, around, { columns: 120, rows: 40, color: false });
      out.result(reportOf(sampler, watched), lines.slice(0, -1).join('\n'));
    }
  } finally {
    sampler.close();
  }
}

export const observeCommand = (): Command =>
  examples(
    new Command('observe')
      .addOption(new Option('--by <what>', 'what rows are kept for').choices([...KEYS_BY]).default('task'))
      .option('--name <pattern>', 'only rows whose name (cgroups: path) matches this regular expression')
      .option('--pid <pid>', 'measure only this process (may be repeated)', collect, [])
      .option('--cgroup <dir>', 'measure only tasks in or below this cgroup: its directory')
      .addOption(
        new Option(
          '--hierarchy <which>',
          'whose cgroups: the cpu controller’s (automatic), version 1’s or 2’s',
        )
          .choices([...HIERARCHIES])
          .default('automatic'),
      )
      .option('--cpu <number>', 'only switches on this CPU (may be repeated)', collect, [])
      .option('--outliers <time>', 'also show every wait of at least this, for example 5ms')
      .option('--pmc <events>', 'count events per row: cycles,instructions,cache-misses,…')
      .option('--every <n>', 'measure one stay of a task on a CPU in so many', '1')
      .option('--budget <percent>', 'of each CPU’s time that measuring may take; 0: no limit', '1%')
      .option('--keys <n>', 'rows at most', '2048')
      .addOption(new Option('--sort <by>', 'order of rows').choices([...SORT_NAMES]).default('p99'))
      .option(
        '--interval <time>',
        'how often the screen is drawn (1s); without a terminal: a report for each',
      )
      .option('--duration <time>', 'end after this (without a terminal and an interval: 5s)')
      .option('--json', 'print one JSON object at the end, or with --interval one on a line for each')
      .action((flags: Flags) => observe(flags)),
    'tunesmith observe --by cgroup --outliers 5ms',
    "tunesmith observe --name '^postgres' --sort wait",
    'tunesmith observe --json --interval 1s --duration 60s',
  );
