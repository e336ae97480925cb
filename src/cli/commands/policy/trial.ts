import { Command } from 'commander';
import { usageError } from '../../../errors.js';
import { Lab } from '../../../lab/lab.js';
import { keepEvidence } from '../../../report/keep-evidence.js';
import { formatValue } from '../../../units.js';
import { gatherEvidence, workloadsOf } from '../../../verify/evidence.js';
import { evidenceIn } from '../../../verify/evidence-files.js';
import { type Evidence, gain } from '../../../verify/evidence-schema.js';
import { findSubject } from '../../../verify/subject.js';
import { makeOutput } from '../../output.js';

interface TrialFlags {
  readonly kernel: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const line = (evidence: Evidence, claimed: boolean): string => {
  const { workload, objective, value, ownValue } = evidence;
  const unit = objective.endsWith('_ns') ? 'ns' : 'per_s';
  const figures = `${formatValue(value, unit)} instead of ${formatValue(ownValue, unit)}`;
  const claim = claimed ? 'claims to suit' : 'does not claim';
  return `${workload.padEnd(10)} ${objective}: ${figures}, × ${gain(evidence).toFixed(2)} (${claim})`;
};

export const policyTrialCommand = (): Command =>
  new Command('trial')
    .description('measure a policy against the kernel’s own scheduler and keep the trials as its evidence')
    .argument('<policy>', 'its name, or the path of its directory')
    .option('--kernel <spec>', 'scx, a version such as 7.3, or the path of a vmlinuz', 'scx')
    .option('--quick', 'trials from a snapshot, and nothing is kept')
    .option('--json', 'print one JSON object')
    .action(async (spec: string, flags: TrialFlags) => {
      const out = makeOutput(flags.json ?? false);
      const subject = findSubject(spec);
      if (subject.dir === undefined)
        throw usageError('policy', spec, 'has no directory for evidence', '`policy new NAME` makes one');
      evidenceIn(subject.dir); // a broken file is told before anything is measured
      const lab = new Lab();
      try {
        const evidence: Evidence[] = [];
        const lines: string[] = [];
        const rigour = flags.quick ? 'search' : 'referee';
        for (const { name, claimed } of workloadsOf(subject)) {
          const found = await gatherEvidence(lab, subject, { workload: name, kernel: flags.kernel, rigour });
          evidence.push(found);
          lines.push(line(found, claimed));
          out.note(lines.at(-1) as string);
        }
        const kept = flags.quick ? [] : [`kept in ${keepEvidence(subject.dir, evidence)}`];
        const result = { schema: 'tunesmith.policy-trial/1', policy: subject.name, evidence };
        out.result(result, [...lines, ...kept].join('\n'));
      } finally {
        await lab.close();
      }
    });
