import { messageOf } from '../../errors.js';
import { confinePath } from '../../native.js';
import { type Confinement, isConfining, parseLayers } from '../confine.js';
import { type DoctorRow, degraded, missing, ok } from '../row.js';
import type { Probe } from './probe.js';

const CONFINEMENT = { id: 'confinement', name: 'Confinement' };

/** What keeps clang, bpftool and QEMU from what is not theirs, tried as they are run. */
export const probeConfinement: Probe = async ({ run }) => {
  let launcher: string;
  try {
    launcher = confinePath();
  } catch (error) {
    return [
      missing(CONFINEMENT, messageOf(error), 'no policy is compiled, no guest is started', 'npm run setup'),
    ];
  }
  const tried = await run(launcher, ['--probe'], { timeoutMs: 120_000 });
  return [rowOf(parseLayers(tried.stdout))];
};

/** The layers in words. */
function inWords({ namespace, landlock, uid, seccomp }: Confinement): string {
  const layers = [
    ...(namespace ? ['namespaces'] : []),
    ...(landlock > 0 ? [`Landlock ${landlock}`] : []),
    ...(seccomp ? ['seccomp'] : []),
    ...(uid ? ['a user number of its own'] : []),
  ];
  return layers.length === 0 ? 'none' : layers.join(', ');
}

function rowOf(layers: Confinement): DoctorRow {
  const found = `clang and QEMU: ${inWords(layers)}`;
  if (!isConfining(layers))
    return missing(
      CONFINEMENT,
      found,
      'a policy that is not shipped is compiled only with --trust-source',
      'a kernel with Landlock (lsm=landlock,… on its command line) or user namespaces',
    );
  if (!layers.namespace)
    return degraded(CONFINEMENT, found, 'a policy may find out whether a file exists, not what is in it');
  if (layers.landlock === 0 || !layers.seccomp)
    return degraded(CONFINEMENT, found, 'one layer less between a policy and this machine');
  return ok(CONFINEMENT, found);
}
