import { Command, Option } from 'commander';
import { EXIT, usageError } from '../../../errors.js';
import { checkKernel } from '../../../lab/kernels/check.js';
import { contributionProblems } from '../../../verify/claims.js';
import { lintOnly } from '../../../verify/lint-only.js';
import { Pipeline } from '../../../verify/pipeline.js';
import { findSubject, type Subject } from '../../../verify/subject.js';
import { STAGES, type Stage } from '../../../verify/verdict.js';
import type { PolicyVerdict } from '../../../verify/verdict-schema.js';
import { examples } from '../../examples.js';
import { collect, trusting } from '../../options.js';
import { makeOutput } from '../../output.js';
import { checkTunables, tunablesFrom } from '../../policy-options.js';
import { verdictText } from './verdict-text.js';

interface CheckFlags {
  readonly until: Stage;
  readonly kernel: string;
  readonly tunable: string[];
  readonly contribute?: boolean;
  readonly json?: boolean;
}

/** The subject, held to what a policy of the repository has to be. */
function contribution(spec: string, subject: Subject): Subject {
  const { dir } = subject;
  if (dir === undefined)
    throw usageError(
      'policy',
      spec,
      'has no manifest to be checked with --contribute',
      '`tunesmith policy new NAME` makes a directory with one',
    );
  return { ...subject, problems: contributionProblems({ ...subject, dir }) };
}

export const checkCommand = (): Command =>
  examples(
    trusting(new Command('check'))
      .description(
        'is a policy fit? lint, compile, load, attach and trial, until one rejects it (exit code 1)',
      )
      .argument('<policy>', 'its name, the path of its directory, or of a C source')
      .addOption(new Option('--until <stage>', 'the last stage to run').choices(STAGES).default('trial'))
      .option('--kernel <spec>', 'scx, a version such as 7.3, or the path of a vmlinuz', 'scx')
      .option('--tunable <name=value>', 'a variable of the policy; may be repeated', collect, [])
      .option('--contribute', 'reject what is unfinished, and claims that its evidence does not bear out')
      .option('--json', 'print one JSON object')
      .action(async (spec: string, flags: CheckFlags) => {
        const out = makeOutput(flags.json ?? false);
        const found = findSubject(spec);
        const subject = flags.contribute ? contribution(spec, found) : found;
        const tunables = tunablesFrom(flags.tunable);
        checkTunables(subject, tunables);
        checkKernel(flags.kernel, { policy: true });
        const onStage = (stage: Stage): void => out.step(`${stage} …`);
        const request = { ...subject, until: flags.until, tunables, onStage };
        const tell = (verdict: PolicyVerdict): void => {
          out.result(verdict, verdictText(verdict));
          if (!verdict.accepted) process.exitCode = EXIT.rejected;
        };
        if (flags.until === 'lint') return tell(await lintOnly(request, flags.kernel));
        const pipeline = await Pipeline.open(flags.kernel);
        try {
          tell(await pipeline.check(request));
        } finally {
          await pipeline.close();
        }
      }),
    'tunesmith policy check edf --until load',
    'tunesmith policy check ./my-policy --contribute',
  );
