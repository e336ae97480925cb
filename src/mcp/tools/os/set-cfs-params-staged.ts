import { z } from 'zod';
import { KNOBS } from '../../../knobs/catalogue.js';
import type { KnobValues } from '../../../knobs/types.js';
import { tool } from '../../tool.js';
import { stage, stageInput, stageOutput, stageTouches } from './stage.js';

/** A knob's range as its catalogue says. */
function knobNumber(name: string) {
  const knob = KNOBS.find((candidate) => candidate.name === name);
  if (!knob) throw new Error(`${name} is in no catalogue`);
  return z.int().min(knob.min).max(knob.max).describe(`ns; what it does: knobs://${name}`);
}

const input = z.strictObject({
  latency_ns: knobNumber('latency_ns').optional(),
  min_granularity_ns: knobNumber('min_granularity_ns'),
  ...stageInput,
});

const valuesOf = ({ latency_ns, min_granularity_ns }: z.output<typeof input>): KnobValues => ({
  ...(latency_ns === undefined ? {} : { latency_ns }),
  min_granularity_ns,
});

export const setCfsParamsStaged = tool({
  name: 'os.scheduler.set_cfs_params_staged',
  title: 'Stage CFS parameters',
  description:
    'Puts CFS’s latency_ns and min_granularity_ns in force for ttl_sec and returns a change_token. Measure, then call ' +
    'os_scheduler_commit_params to keep them or os_scheduler_revert_params to put the old values back; they put ' +
    'themselves back when the time is over or this server dies. Kernels up to 6.5; later ones schedule with EEVDF: ' +
    'use os_scheduler_set_params_staged with base_slice_ns there.',
  effect: 'stage',
  input,
  output: stageOutput,
  touches: (args, visit) => stageTouches(valuesOf(args), args, visit),
  run: (args, visit) => stage(valuesOf(args), args, visit),
});
