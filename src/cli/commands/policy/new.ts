import { Command } from 'commander';
import { scaffoldPolicy } from '../../../policies/scaffold.js';
import { shellLine } from '../../../shell.js';
import { makeOutput } from '../../output.js';

export const newCommand = (): Command =>
  new Command('new')
    .description('begin a policy: a source that works and its manifest, to be changed')
    .argument('<name>', 'small letters, digits and _')
    .option('--dir <directory>', 'where to make its directory', 'policies')
    .option('--json', 'print one JSON object')
    .action((name: string, flags: { dir: string; json?: boolean }) => {
      const dir = scaffoldPolicy(name, flags.dir);
      makeOutput(flags.json ?? false).result(
        { schema: 'tunesmith.policy-new/1', name, dir },
        [
          `${dir}: policy.bpf.c and policy.json; look for TODO in both (docs/policies.md)`,
          `then: ${shellLine('tunesmith', 'policy', 'check', dir)}`,
        ].join('\n'),
      );
    });
