import { availableParallelism } from 'node:os';
import { canonical } from '../../canonical.js';
import { resolveKernel } from '../../lab/kernels/resolve.js';
import { Lab } from '../../lab/lab.js';
import type { PolicyInput } from '../../lab/policy.js';
import { compileSubject } from '../../verify/compile-subject.js';
import { coursesOf, ProbeGround, stepsOf } from '../../verify/course.js';
import { PROBES } from '../../verify/probes/index.js';
import { findSubject } from '../../verify/subject.js';
import { whileBusy } from '../busy.js';
import { agreeing } from './agreeing.js';
import type { Figure } from './common.js';

const KERNEL = 'eevdf';
const POLICY = 'vtime';

async function policyInput(): Promise<PolicyInput> {
  const { bytes } = await compileSubject(findSubject(POLICY), await resolveKernel(KERNEL));
  return { object: bytes, tunables: {} };
}

/**
 * What showed that a host could reach a guest (native/lab/lockstep.c): the trial stage's loads, with forks, changing
 * affinities, reloads and hotplug, under a policy, twice as many guests as cores beside as many endless loops.
 */
export async function exactChurn(repeats: number, note: (text: string) => void): Promise<Figure[]> {
  const lab = new Lab({ fresh: true, machines: 2 * availableParallelism() });
  try {
    const policy = await policyInput();
    const ground = new ProbeGround(lab, KERNEL);
    const courses = coursesOf(PROBES).map((course) => ({ course, texts: [] as string[] }));
    for (const { course } of courses) await ground.of(course);
    await whileBusy(async () => {
      for (let round = 1; round <= repeats; round++) {
        const runs = courses.map(async ({ course, texts }) => {
          const { spec, files } = await ground.of(course);
          const replies: unknown[] = [];
          for await (const reply of lab.course(spec, files, stepsOf(course, spec, policy)))
            replies.push(reply);
          texts.push(canonical(replies));
        });
        await Promise.all(runs);
        note(`loads of the trial stage: ${round} of ${repeats}`);
      }
    });
    return courses.map(({ course, texts }) => {
      const same = agreeing(texts);
      const probes = course.probes.length === 1 ? course.probes[0]?.name : `${course.probes.length} probes`;
      return {
        name: `a policy under ${probes} identical, ${course.cpus} CPUs`,
        bar: `${repeats} of ${repeats}`,
        value: `${same} of ${repeats} (host busy)`,
        met: same === repeats,
      };
    });
  } finally {
    await lab.close();
  }
}
