import { z } from 'zod';
import { tool } from '../../tool.js';
import { knobValues, labInput, requestOf } from './options.js';

export const labTrial = tool({
  name: 'lab.trial',
  title: 'Run a trial in the lab',
  description:
    'Boots a real kernel on a virtual clock, runs a workload under the given knobs and returns its metrics. The same ' +
    'call gives the same figures, bit for bit. Nothing on this machine is changed. Takes seconds to a minute.',
  effect: 'lab',
  input: z.strictObject({ ...labInput, set: knobValues.default({}) }),
  output: z.object({
    kernel: z.string(),
    key: z.string().describe('names the trial: equal keys, equal figures'),
    objective: z.string(),
    metrics: z.record(z.string(), z.number()).describe('times in ns, shares from 0 to 1'),
    knobs: z.record(z.string(), z.number()).describe('in force in the window, read from the guest'),
    cached: z.boolean(),
  }),
  run: async ({ set, rigour, ...args }, { services, signal, progress }) => {
    const done = (n: number) => progress(n, 1, 'trials');
    const { trial, results } = await services.lab.trials(requestOf(args), [set], rigour, signal, done);
    const [{ key, metrics, knobs, cached }] = results as [(typeof results)[number]];
    const { kernel, workload } = trial;
    return {
      kernel: kernel.release,
      key,
      objective: workload.objective,
      metrics: { ...metrics },
      knobs: { ...knobs },
      cached,
    };
  },
});
