import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { usageError } from '../../errors.js';
import { frame } from '../../observe/frame.js';
import { live } from '../../observe/live.js';
import { FIRST_VIEW, SORT_NAMES, type Sort } from '../../observe/view.js';
import { type Watched, watch } from '../../observe/watch.js';
import { KEYS_BY, type SamplerOptions } from '../../telemetry/options.js';
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
  readonly interval: string;
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

const titleOf = ({ settings }: Sampler): string => {
  const release = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  const every = settings.sampleEvery > 1 ? `, 1 stay in ${settings.sampleEvery}` : '';
  return `tunesmith observe · Linux ${release} · by ${settings.by}${every}`;
};

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
  const intervalMs = parsePositiveDuration(flags.interval, '--interval') / 1e6;
  const durationMs =
    flags.duration === undefined ? undefined : parsePositiveDuration(flags.duration, '--duration') / 1e6;
  using sampler = Sampler.open(optionsFrom(flags));
  const color = process.env.NO_COLOR === undefined;
  const onTerminal = process.stdout.isTTY && process.stdin.isTTY && !out.json;
  const stop = stopSignal(onTerminal ? () => {} : out.note);
  const { by } = sampler.settings;
  if (onTerminal) {
    await live(
      sampler,
      { title: titleOf(sampler), by, sort: flags.sort, intervalMs, durationMs, color },
      stop,
    );
    return;
  }
  const watched = await watch(sampler, durationMs ?? 5000, stop);
  if (sampler.pmcRefusal !== '') out.note(`counters: ${sampler.pmcRefusal}`);
  const screen = { columns: 120, rows: 40, color: false };
  const lines = frame(
    watched.look,
    { ...FIRST_VIEW, sort: flags.sort },
    { title: titleOf(sampler), outliers: [], by },
    screen,
  );
  out.result(reportOf(sampler, watched), lines.slice(0, -1).join('\n'));
}

export const observeCommand = (): Command =>
  examples(
    new Command('observe')
      .addOption(new Option('--by <what>', 'what rows are kept for').choices([...KEYS_BY]).default('task'))
      .option('--pid <pid>', 'only this process (may be repeated)', collect, [])
      .option('--cgroup <dir>', 'only tasks in or below this cgroup')
      .option('--cpu <number>', 'only switches on this CPU (may be repeated)', collect, [])
      .option('--outliers <time>', 'also show every wait of at least this, for example 5ms')
      .option('--pmc <events>', 'count events per row: cycles,instructions,cache-misses,…')
      .option('--every <n>', 'measure one stay of a task on a CPU in so many', '1')
      .option('--budget <percent>', 'of each CPU’s time that measuring may take; 0: no limit', '1%')
      .option('--keys <n>', 'rows at most', '2048')
      .addOption(new Option('--sort <by>', 'order of rows').choices([...SORT_NAMES]).default('p99'))
      .option('--interval <time>', 'how often the screen is drawn', '1s')
      .option('--duration <time>', 'end after this (without a terminal: 5s)')
      .option('--json', 'print one JSON object at the end')
      .action((flags: Flags) => observe(flags)),
    'tunesmith observe --by process --outliers 5ms',
    'tunesmith observe --json --duration 3s',
  );
