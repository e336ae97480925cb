import { availableParallelism } from 'node:os';
import { canonical } from '../../canonical.js';
import { Lab } from '../../lab/lab.js';
import type { PreparedTrial } from '../../lab/prepare.js';
import { stepRequest } from '../../lab/step.js';
import { Turnstile } from '../../lab/turnstile.js';
import { whileBusy } from '../busy.js';
import { agreeing } from './agreeing.js';
import { CPU_COUNTS, type Figure, prepared } from './common.js';

const WINDOW_NS = 200_000_000;

/** What a session of several steps answers, every metric, distribution and clock in it, as one text. */
async function transcript(lab: Lab, trial: PreparedTrial, rigour: 'search' | 'referee', steps: number) {
  const session = await lab.enter(trial.spec, trial.files, rigour);
  try {
    const replies: unknown[] = [session.tsc()];
    for (let step = 1; step <= steps; step++) {
      // A closed loop: each step runs under knobs and a seed of its own.
      const knobs = { ...trial.defaults, base_slice_ns: step * 700_000 };
      replies.push(await session.step(stepRequest({ ...trial.spec, knobs, seed: step })));
    }
    return canonical(replies);
  } finally {
    await lab.leave(session);
  }
}

/** `repeats` transcripts of one case, as many at once as there are cores. */
function transcripts(
  lab: Lab,
  trial: PreparedTrial,
  rigour: 'search' | 'referee',
  steps: number,
  repeats: number,
): Promise<string[]> {
  const places = new Turnstile(availableParallelism());
  const one = () => places.run(() => transcript(lab, trial, rigour, steps));
  return Promise.all(Array.from({ length: repeats }, one));
}

async function figures(
  title: string,
  rigour: 'search' | 'referee',
  steps: number,
  repeats: number,
  note: (text: string) => void,
): Promise<Figure[]> {
  const rows: Figure[] = [];
  for (const cpus of CPU_COUNTS) {
    const lab = new Lab({ fresh: true });
    try {
      const trial = await prepared(lab, 'mixed', cpus, WINDOW_NS);
      const half = rigour === 'referee' ? Math.ceil(repeats / 2) : 0;
      const quiet = await transcripts(lab, trial, rigour, steps, half);
      const busy = await whileBusy(() => transcripts(lab, trial, rigour, steps, repeats - half));
      const same = agreeing([...quiet, ...busy]);
      const how = half === 0 ? 'host busy' : `${half} quiet, ${repeats - half} with the host busy`;
      rows.push({
        name: `${title}, ${cpus} CPU${cpus === 1 ? '' : 's'}`,
        bar: `${repeats} of ${repeats}`,
        value: `${same} of ${repeats} (${how})`,
        met: same === repeats,
      });
      note(`${title}, ${cpus} CPUs: ${same} of ${repeats}`);
    } finally {
      await lab.close();
    }
  }
  return rows;
}

/** Cold boots of one request: every figure equal? */
export const exactReferees = (repeats: number, note: (text: string) => void): Promise<Figure[]> =>
  figures('referee trials identical', 'referee', 1, repeats, note);

/** Restored sessions of five closed-loop steps: every figure equal? */
export const exactSessions = (repeats: number, note: (text: string) => void): Promise<Figure[]> =>
  figures('restored sessions of 5 steps identical', 'search', 5, repeats, note);
