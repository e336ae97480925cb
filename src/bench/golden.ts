import { z } from 'zod';
import { run } from '../host/run.js';
import { findQemu } from '../lab/find-qemu.js';
import { resolveKernel } from '../lab/kernels/resolve.js';
import { Lab } from '../lab/lab.js';
import { prepareTrial } from '../lab/prepare.js';
import type { TrialResult } from '../lab/trial.js';
import { agentPath, lockstepPath } from '../native.js';
import { sha256Of } from '../state/hash.js';
import { clang } from '../verify/compile/toolchain.js';

/** The kernel's own scheduler under a load that is part of the agent: no program of this machine is in the image. */
const REQUEST = { kernel: 'scx', workload: 'mixed', cpus: 2, seed: 1 } as const;

/** What is compiled or linked into the guest's agent, besides this repository. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
const FORMAT = '${Package} ${Version}\\n';
const LIBRARIES = ['libc6-dev', 'libbpf-dev', 'libelf-dev', 'zlib1g-dev', 'libzstd-dev'];

const figures = z.record(z.string(), z.number());
const outcome = z.object({
  fingerprint: z.object({ start: z.string(), end: z.string() }),
  metrics: figures,
});

/** test/lab/golden.json: one search and one referee trial, with all they depend on. */
export const goldenSchema = z.object({
  schema: z.literal('tunesmith.golden/1'),
  /** What this repository does not decide, by name: other versions give other figures. */
  ground: z.record(z.string(), z.string()),
  /** What is built from this repository. */
  built: z.object({ agent: z.string(), lockstep: z.string() }),
  search: outcome,
  referee: outcome,
});

export type Golden = z.infer<typeof goldenSchema>;

/** The kernel, QEMU, compilers and libraries of this machine. */
export async function goldenGround(): Promise<Golden['ground']> {
  const [kernel, qemu] = await Promise.all([resolveKernel(REQUEST.kernel), findQemu()]);
  const said = async (program: string, args: readonly string[]) => (await run(program, args)).stdout.trim();
  const libraries = await said('dpkg-query', ['-W', '-f', FORMAT, ...LIBRARIES]);
  return {
    kernel: `${kernel.release} ${kernel.sha256}`,
    qemu: qemu.version,
    'g++': await said('g++', ['-dumpfullversion']),
    clang: (await clang()).version,
    ...Object.fromEntries(libraries.split('\n').map((line) => line.split(' ') as [string, string])),
  };
}

const outcomeOf = ({ fingerprint, metrics }: TrialResult): Golden['search'] => ({ fingerprint, metrics });

/** Runs the two trials, whatever the cache knows of them. */
export async function measureGolden(): Promise<Golden> {
  const lab = new Lab({ fresh: true });
  try {
    const { spec, files, defaults, windows } = await prepareTrial(lab, REQUEST);
    const trial = async (rigour: 'search' | 'referee') =>
      outcomeOf(await lab.trial({ ...spec, knobs: defaults, windows: windows[rigour] }, files, rigour));
    return {
      schema: 'tunesmith.golden/1',
      ground: await goldenGround(),
      built: { agent: await sha256Of(agentPath()), lockstep: await sha256Of(lockstepPath()) },
      search: await trial('search'),
      referee: await trial('referee'),
    };
  } finally {
    await lab.close();
  }
}
