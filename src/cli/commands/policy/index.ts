import { Command } from 'commander';
import { listCommand } from './list.js';
import { newCommand } from './new.js';
import { showCommand } from './show.js';

export const policyCommand = (): Command =>
  new Command('policy')
    .description('the repository of sched_ext policies')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(newCommand());
