import { Command } from 'commander';
import { policyApplyCommand, policyRevertCommand } from './apply.js';
import { checkCommand } from './check.js';
import { compileCommand } from './compile.js';
import { diffCommand } from './diff.js';
import { explainCommand } from './explain.js';
import { listCommand } from './list.js';
import { newCommand } from './new.js';
import { showCommand } from './show.js';
import { policyTrialCommand } from './trial.js';

export const policyCommand = (): Command =>
  new Command('policy')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(explainCommand())
    .addCommand(diffCommand())
    .addCommand(newCommand())
    .addCommand(checkCommand())
    .addCommand(compileCommand())
    .addCommand(policyTrialCommand())
    .addCommand(policyApplyCommand())
    .addCommand(policyRevertCommand());
