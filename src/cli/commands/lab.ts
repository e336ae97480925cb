import { Command } from 'commander';
import { messageOf } from '../../errors.js';
import { parseSettings } from '../../knobs/parse.js';
import { checkValues, validateChange } from '../../knobs/validate.js';
import { kernelBtf } from '../../lab/kernels/btf.js';
import { checkKernel } from '../../lab/kernels/check.js';
import { listKernels, resolveKernel } from '../../lab/kernels/resolve.js';
import { Lab } from '../../lab/lab.js';
import { checkTrial, prepareTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import { examples } from '../examples.js';
import { LAB_KNOBS } from '../knob-names.js';
import { collect, trusting } from '../options.js';
import { makeOutput } from '../output.js';
import { policyFrom } from '../policy-options.js';
import { type LabFlags, requestFrom, withLabFlags } from './lab-options.js';
import { shellCommand } from './lab-shell.js';
import { formatTrial, trialReport } from './trial-report.js';

interface TrialFlags extends LabFlags {
  readonly set: string[];
  readonly referee?: boolean;
  readonly telemetry: boolean;
  readonly policy?: string;
  readonly tunable: string[];
  readonly policyTimeout?: string;
}

const trialCommand = (): Command =>
  examples(
    trusting(withLabFlags(new Command('trial')))
      .description('one measured run of (kernel, knobs, workload, topology, seed)')
      .option(
        '--set <knob=value>',
        `a knob, for example base_slice_ns=3ms; may be repeated (${LAB_KNOBS})`,
        collect,
        [],
      )
      .option('--referee', 'by a cold boot: the same figures on every machine')
      .option('--no-telemetry', 'without the sampler and its figures, to see what it changes')
      .option(
        '--policy <policy>',
        'have a sched_ext policy in force: its name, a C source, or an object for this kernel',
      )
      .option('--tunable <name=value>', 'a variable of the policy; may be repeated', collect, [])
      .option('--policy-timeout <duration>', 'the longest a task may wait before the kernel ejects it')
      .action(async (flags: TrialFlags) => {
        const out = makeOutput(flags.json ?? false);
        const { scheduler } = checkTrial(requestFrom(flags));
        const values = parseSettings(flags.set, scheduler);
        checkValues(values, scheduler);
        const policy = await policyFrom(flags);
        const lab = new Lab({ fresh: flags.fresh ?? false });
        try {
          const { telemetry } = flags;
          const trial = await prepareTrial(lab, { ...requestFrom(flags), ...policy, telemetry });
          for (const { message } of validateChange(values, { scheduler, defaults: trial.defaults }))
            out.note(`warning: ${message}`);
          const target = new LabTarget(lab, trial);
          await target.apply(values);
          const report = trialReport(trial, await target.measure(flags.referee ? 'referee' : 'search'));
          out.result(report, formatTrial(report, trial));
        } finally {
          await lab.close();
        }
      }),
    'tunesmith lab trial --workload wakeup --set base_slice_ns=1ms',
    'tunesmith lab trial --kernel scx --workload mixed --policy edf',
  );

/** A listed kernel with the file of its types, null and a warning when there is none. */
async function withBtf(kernel: Awaited<ReturnType<typeof listKernels>>['kernels'][number]) {
  try {
    return { ...kernel, btf: await kernelBtf(kernel) };
  } catch (error) {
    return { ...kernel, btf: null, warnings: [...kernel.warnings, messageOf(error)] };
  }
}

const kernelsCommand = (): Command =>
  new Command('kernels')
    .description('lab kernels in the cache, and what the roles stand for')
    .option('--fetch <spec>', 'fetch one first: a role, or a version such as 7.3')
    .option('--json', 'print one JSON object')
    .action(async (flags: { fetch?: string; json?: boolean }) => {
      const out = makeOutput(flags.json ?? false);
      if (flags.fetch !== undefined) checkKernel(flags.fetch);
      if (flags.fetch !== undefined) await resolveKernel(flags.fetch, { refresh: true });
      const { roles, kernels: cached } = await listKernels();
      const kernels = await Promise.all(cached.map(withBtf));
      const rows = [
        ...roles.map(
          ({ role, series, release, use }) =>
            `${role.padEnd(6)} ${(release ?? `newest ${series}, not fetched yet`).padEnd(32)} ${use}`,
        ),
        '',
        ...kernels.map(({ release, scheduler, bytes, btf, warnings }) =>
          [
            release.padEnd(32),
            scheduler.padEnd(6),
            `${(bytes / 1e6).toFixed(1)} MB`,
            btf === null ? 'no BTF' : 'BTF',
            ...warnings,
          ].join('  '),
        ),
      ];
      out.result({ schema: 'tunesmith.kernels/1', roles, kernels }, rows.join('\n').trimEnd());
    });

export const labCommand = (): Command =>
  new Command('lab').addCommand(trialCommand()).addCommand(kernelsCommand()).addCommand(shellCommand());
