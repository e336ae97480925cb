import { Command } from 'commander';
import { policyApplyCommand, policyRevertCommand } from '../policy-apply.js';
import { listCommand } from './list.js';
import { newCommand } from './new.js';
import { showCommand } from './show.js';

export const policyCommand = (): Command =>
  new Command('policy')
    .description('the repository of sched_ext policies')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(newCommand())
    .addCommand(policyApplyCommand())
    .addCommand(policyRevertCommand());
