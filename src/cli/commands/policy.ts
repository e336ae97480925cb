import { Command } from 'commander';
import { policyApplyCommand, policyRevertCommand } from './policy-apply.js';

export const policyCommand = (): Command =>
  new Command('policy')
    .description('sched_ext policies')
    .addCommand(policyApplyCommand())
    .addCommand(policyRevertCommand());
