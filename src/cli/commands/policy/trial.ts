import { Command } from 'commander';
import { EXIT, usageError } from '../../../errors.js';
import { checkKernel } from '../../../lab/kernels/check.js';
import { Lab } from '../../../lab/lab.js';
import { keepEvidence } from '../../../report/keep-evidence.js';
import { formatValue } from '../../../units.js';
import { notBorneOut } from '../../../verify/claims.js';
import { gatherEvidence, workloadsOf } from '../../../verify/evidence.js';
import { evidenceIn } from '../../../verify/evidence-files.js';
import { type Evidence, gain, outcome } from '../../../verify/evidence-schema.js';
import { findSubject, type Subject } from '../../../verify/subject.js';
import { workloadByName } from '../../../workloads/index.js';
import { trusting } from '../../options.js';
import { makeOutput, type Output } from '../../output.js';

interface TrialFlags {
  readonly kernel: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const CLAIMED = {
  gains: 'suits it, as it says',
  even: 'says that it suits it: NOT BORNE OUT',
  loses: 'says that it suits it: NOT BORNE OUT',
} as const;

function line(evidence: Evidence, claimed: boolean): string {
  const { workload, objective, value, ownValue } = evidence;
  const unit = workloadByName(workload).metrics[objective]?.unit ?? 'count';
  const figures = `${formatValue(value, unit)} instead of ${formatValue(ownValue, unit)}`;
  return `  ${workload.padEnd(9)} × ${gain(evidence).toFixed(2)}  ${objective} ${figures}${claimed ? `  ${CLAIMED[outcome(evidence)]}` : ''}`;
}

/** Measures a policy where its manifest says, and keeps what was measured although a later workload fails. */
async function tryPolicy(subject: Subject & { dir: string }, flags: TrialFlags, out: Output): Promise<void> {
  const rigour = flags.quick ? 'search' : 'referee';
  const workloads = workloadsOf(subject);
  const lab = new Lab();
  try {
    const evidence: Evidence[] = [];
    const lines: string[] = [];
    let home = '';
    for (const [at, { name, claimed }] of workloads.entries()) {
      out.step(`${at + 1}/${workloads.length} ${name}: under ${subject.name} and without it …`);
      const found = await gatherEvidence(lab, subject, { workload: name, kernel: flags.kernel, rigour });
      if (!flags.quick) home = keepEvidence(subject.dir, [found]);
      evidence.push(found);
      lines.push(line(found, claimed));
    }
    const head = `${subject.name} on Linux ${evidence[0]?.kernel}, times as good as the kernel’s own scheduler (${rigour})`;
    const refuted = notBorneOut(subject, evidence);
    out.result(
      { schema: 'tunesmith.policy-trial/1', policy: subject.name, evidence, notBorneOut: refuted },
      [head, ...lines, flags.quick ? 'nothing is kept of a quick look' : `kept in ${home}`].join('\n'),
    );
    if (refuted.length > 0) process.exitCode = EXIT.rejected;
  } finally {
    await lab.close();
  }
}

export const policyTrialCommand = (): Command =>
  trusting(new Command('trial'))
    .description(
      'measure a policy against the kernel’s own scheduler, on the workloads its manifest says it suits and on two ' +
        'others, and keep the trials as its evidence (exit code 1 when one it says it suits does not gain)',
    )
    .argument('<policy>', 'its name, or the path of its directory')
    .option('--kernel <spec>', 'scx, a version such as 7.3, or the path of a vmlinuz', 'scx')
    .option('--quick', 'trials from a snapshot, of fewer windows; nothing is kept')
    .option('--json', 'print one JSON object')
    .action(async (spec: string, flags: TrialFlags) => {
      const subject = findSubject(spec);
      const { dir } = subject;
      if (dir === undefined)
        throw usageError(
          'policy',
          spec,
          'has no manifest that says what it suits, and no directory for evidence',
          '`tunesmith policy new NAME` makes both; `tunesmith lab trial --policy FILE --workload NAME` measures any source',
        );
      checkKernel(flags.kernel, { policy: true });
      evidenceIn(dir); // a broken file is told before anything is measured
      await tryPolicy({ ...subject, dir }, flags, makeOutput(flags.json ?? false));
    });
