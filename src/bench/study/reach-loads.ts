import { usageError } from '../../errors.js';
import type { Lab } from '../../lab/lab.js';
import { prepareTrial } from '../../lab/prepare.js';
import { LabTarget } from '../../lab/target.js';
import { lumosKnobs, RATE_PER_S } from './lumos-case.js';
import { type ReachCase, type ReachResult, reach } from './reach.js';

/** Values per knob: each point is measured under every load seed. */
const POINTS = 5;

const LOADS = [
  { workload: 'pgbench', parameters: { rate_per_s: RATE_PER_S }, isHeldOut: false },
  { workload: 'wakeup', parameters: {}, isHeldOut: false },
  { workload: 'mixed', parameters: {}, isHeldOut: false },
  { workload: 'hackbench', parameters: {}, isHeldOut: true },
  { workload: 'forkstorm', parameters: {}, isHeldOut: true },
] as const;

/**
 * `reach` on the loads that the expert's rules were looked at with, and on two that they were not: both CFS knobs, two CPUs.
 * @param only some of them, comma-separated
 * @throws TunesmithError (usage) naming --cases
 */
export async function reachLoads(
  lab: Lab,
  seeds: number,
  note: (text: string) => void,
  only?: string,
): Promise<readonly ReachResult[]> {
  const results: ReachResult[] = [];
  for (const { workload: name, parameters, isHeldOut } of chosen(only)) {
    const trials = await Promise.all(
      Array.from({ length: seeds }, (_, i) =>
        prepareTrial(lab, { kernel: 'cfs', workload: name, cpus: 2, seed: 1 + i, parameters }),
      ),
    );
    const [{ workload }] = trials as [(typeof trials)[number]];
    const study: ReachCase = {
      ...{ workload, knobs: lumosKnobs('latency_ns,min_granularity_ns'), points: POINTS, isHeldOut },
      targets: trials.map((trial) => () => new LabTarget(lab, trial)),
    };
    results.push(await reach(study, note));
  }
  return results;
}

function chosen(only: string | undefined): readonly (typeof LOADS)[number][] {
  if (only === undefined) return LOADS;
  return only.split(',').map((name) => {
    const load = LOADS.find(({ workload }) => workload === name.trim());
    if (load) return load;
    const known = LOADS.map(({ workload }) => workload);
    throw usageError('--cases', name, 'is none of reach’s loads', known.join(', '));
  });
}
