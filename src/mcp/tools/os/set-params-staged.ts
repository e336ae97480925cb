import { z } from 'zod';
import { ALL_KNOBS } from '../../../knobs/catalogue.js';
import { tool } from '../../tool.js';
import { checkNames, stage, stageInput, stageOutput, stageTouches } from './stage.js';

const NAMES = ALL_KNOBS.map(({ name }) => name);

const input = z.strictObject({
  values: z
    .record(z.string().max(64), z.number())
    .describe(`knobs and their values, each in the knob’s own unit: ${NAMES.join(', ')}`),
  ...stageInput,
});

export const setParamsStaged = tool({
  name: 'os.scheduler.set_params_staged',
  title: 'Stage scheduler parameters',
  description:
    'Puts any knobs that os_scheduler_describe lists in force for ttl_sec, together or not at all, and returns a ' +
    'change_token for os_scheduler_commit_params and os_scheduler_revert_params. They put themselves back when the ' +
    'time is over or this server dies.',
  effect: 'stage',
  input,
  output: stageOutput,
  touches: (args, visit) => {
    checkNames(args.values, NAMES);
    return stageTouches(args.values, args, visit);
  },
  run: (args, visit) => stage(args.values, args, visit),
});
