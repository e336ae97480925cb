import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { usageError } from '../../../errors.js';
import { assertSchedExt } from '../../../host/policy/policy.js';
import { checkKernel } from '../../../lab/kernels/check.js';
import { resolveKernel } from '../../../lab/kernels/resolve.js';
import { shellLine } from '../../../shell.js';
import { storeFile } from '../../../state.js';
import { runningKernel } from '../../../verify/compile/types.js';
import { compileSubject } from '../../../verify/compile-subject.js';
import { findSubject } from '../../../verify/subject.js';
import { trusting } from '../../options.js';
import { makeOutput } from '../../output.js';

interface CompileFlags {
  readonly kernel?: string;
  readonly out: string;
  readonly json?: boolean;
}

async function compile(spec: string, flags: CompileFlags): Promise<void> {
  const subject = findSubject(spec);
  const path = resolve(flags.out);
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
    throw usageError(
      '--out',
      flags.out,
      'lies in no directory that is there',
      shellLine('mkdir', '-p', dirname(path)),
    );
  if (flags.kernel === undefined) assertSchedExt('name a kernel that has it, such as --kernel scx');
  else checkKernel(flags.kernel, { policy: true });
  const kernel = flags.kernel === undefined ? runningKernel() : await resolveKernel(flags.kernel);
  const { bytes, sha256 } = await compileSubject(subject, kernel);
  storeFile(dirname(path), basename(path), bytes);
  makeOutput(flags.json ?? false).result(
    {
      schema: 'tunesmith.policy-object/1',
      policy: subject.name,
      kernel: kernel.release,
      path,
      sha256,
    },
    `${path}: ${subject.name} for Linux ${kernel.release}`,
  );
}

export const compileCommand = (): Command =>
  trusting(new Command('compile'))
    .description('compile a policy for a kernel, for `policy apply` or for a machine without a compiler')
    .argument('<policy>', 'its name, the path of its directory, or of a C source')
    .requiredOption('--out <file>', 'where to put the object')
    .option(
      '--kernel <spec>',
      'scx, a version such as 7.3, or the path of a vmlinuz (default: the one that runs)',
    )
    .option('--json', 'print one JSON object')
    .action(compile);
