import { Command } from 'commander';
import { listPolicies } from '../../../policies/catalogue.js';
import { searchPolicies } from '../../../policies/search.js';
import { makeOutput } from '../../output.js';
import { policyLine } from './report.js';

interface ListFlags {
  readonly workload?: string;
  readonly property?: string;
  readonly dir?: string;
  readonly json?: boolean;
}

export const listCommand = (): Command =>
  new Command('list')
    .description('the policies of the repository, or those that fit what is looked for')
    .argument('[words...]', 'beginnings of words in a policy’s name, summary, algorithm or uses')
    .option('--workload <name>', 'that claim to suit a workload of the lab')
    .option('--property <name>', 'that have a property, for example fair, latency, cgroup')
    .option('--dir <directory>', 'look in another repository')
    .option('--json', 'print one JSON object')
    .action((words: string[], flags: ListFlags) => {
      const found = searchPolicies(listPolicies(flags.dir), { words, ...flags });
      const width = Math.max(0, ...found.map(({ manifest }) => manifest.name.length));
      const text = found.map((policy) => policyLine(policy, width)).join('\n');
      makeOutput(flags.json ?? false).result(
        { schema: 'tunesmith.policies/1', policies: found.map(({ manifest }) => manifest) },
        text || 'no policy fits',
      );
    });
