import { TunesmithError, usageError } from '../errors.js';
import { knobsOf } from '../knobs/catalogue.js';
import type { KnobValues, SchedulerClass } from '../knobs/types.js';
import { agentPath, lockstepPath } from '../native.js';
import { sha256Of } from '../state/hash.js';
import { resolveParameters, WORKLOADS, workloadByName } from '../workloads/index.js';
import type { Workload } from '../workloads/types.js';
import type { Arch } from './arch.js';
import type { Entry } from './cpio.js';
import { pgbenchDatabase } from './database.js';
import { findQemu, type Qemu } from './find-qemu.js';
import { baseEntries, type Image, programEntries, storeImage } from './image.js';
import { checkKernel, needsSchedExt } from './kernels/check.js';
import { kernelConfig } from './kernels/config.js';
import { type LabKernel, resolveKernel } from './kernels/resolve.js';
import type { Lab, TrialFiles } from './lab.js';
import { asksForConfig, type PolicyInput, policySpec } from './policy.js';
import { findPostgres, postgresEntries } from './postgres.js';
import type { MachineShape } from './qemu.js';
import { machineShape, type ShapeOptions } from './shape.js';
import type { TrialSpec } from './trial.js';
import { bootFile } from './vmlinux.js';

/** A trial as a user asks for it. */
export interface TrialRequest extends Omit<ShapeOptions, 'memoryMib'> {
  readonly kernel: string;
  readonly workload: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly memoryMib?: number;
  readonly seed: number;
  readonly warmupNs?: number;
  readonly windowNs?: number;
  /** False: without the sampler's programs and figures. */
  readonly telemetry?: boolean;
  /** A compiled policy to have in force, for this very kernel. */
  readonly policy?: PolicyInput;
  /** Whether the guest has its kernel's configuration; default: if the policy asks for it. Other images stay as they are. */
  readonly config?: boolean;
}

/** A trial that only lacks its knobs: everything resolved, fetched and built. */
export interface PreparedTrial {
  readonly spec: TrialSpec;
  readonly files: TrialFiles;
  readonly kernel: LabKernel;
  readonly workload: Workload;
  /** Windows a search and the referee average: the catalogue's, or one of the length that was asked for. */
  readonly windows: { readonly search: number; readonly referee: number };
  readonly qemu: Qemu;
  /** The scheduler's knobs as the kernel set them, read from the guest. */
  readonly defaults: KnobValues;
}

/** What a kernel was built with, where libbpf looks for it when an object has `__kconfig` variables. */
async function configEntries(kernel: LabKernel): Promise<Entry[]> {
  const body = await kernelConfig(kernel);
  return body === undefined
    ? []
    : [{ kind: 'file', path: `boot/config-${kernel.release}`, mode: 0o644, body }];
}

/** The initramfs for a workload: the agent, the workload's programs and data. */
async function imageFor(
  workload: Workload,
  parameters: Readonly<Record<string, number>>,
  arch: Arch,
  parts: { readonly kernel: LabKernel; readonly qemu: Qemu; readonly config: boolean },
): Promise<Image> {
  const agent = agentPath(arch);
  const base = [...baseEntries(agent), ...(parts.config ? await configEntries(parts.kernel) : [])];
  if (workload.name !== 'pgbench')
    return storeImage([...base, ...(await programEntries(workload.files, workload.packages))]);
  const pg = findPostgres();
  const entries = [...base, ...(await postgresEntries(pg, ['postgres', 'pgbench']))];
  const database = await pgbenchDatabase(pg, parameters.scale ?? 1, { ...parts, agentPath: agent });
  return storeImage(entries, [database]);
}

/** Programs of a load come from this machine, and it has none for another architecture. */
function foreign({ name, packages }: Workload, arch: Arch): TunesmithError {
  const own = Object.values(WORKLOADS).flatMap((workload) =>
    workload.kind === 'builtin' ? workload.name : [],
  );
  const rule = `runs programs of this machine (${packages.join(', ')}), which ${arch} guests cannot`;
  return usageError('--workload', name, rule, `with --arch ${arch} there are ${own.join(', ')}`);
}

/** A request whose names and values have been checked; `scheduler` as far as the kernel's name tells. */
export interface CheckedTrial {
  readonly workload: Workload;
  readonly parameters: Readonly<Record<string, number>>;
  readonly shape: MachineShape;
  readonly scheduler: SchedulerClass;
}

/**
 * Checks what a request names, before anything is fetched, built or booted.
 * @throws TunesmithError (usage) naming the field
 */
export function checkTrial(request: TrialRequest): CheckedTrial {
  const workload = workloadByName(request.workload);
  const parameters = resolveParameters(workload, request.parameters ?? {});
  const shape = machineShape({ ...request, memoryMib: request.memoryMib ?? workload.memoryMib });
  const { arch } = shape;
  if (arch !== 'x64' && workload.kind !== 'builtin') throw foreign(workload, arch);
  if (request.policy && arch !== 'x64')
    throw usageError('--arch', arch, 'has guests whose agent is built without libbpf', 'policies need x64');
  const scheduler = checkKernel(request.kernel, { arch, policy: request.policy !== undefined });
  return { workload, parameters, shape, scheduler };
}

/**
 * Resolves a request: kernel, QEMU, image, and the knobs' defaults from the guest itself.
 * @throws TunesmithError usage for bad input, incapable for what this machine lacks, guest when it does not boot.
 */
export async function prepareTrial(lab: Lab, request: TrialRequest): Promise<PreparedTrial> {
  const { workload, parameters, shape } = checkTrial(request);
  const { arch } = shape;
  const { policy } = request;
  const qemu = await findQemu(arch);
  const kernel = await resolveKernel(request.kernel, { arch });
  const image = await imageFor(workload, parameters, arch, {
    ...{ kernel, qemu },
    config: request.config ?? (policy !== undefined && asksForConfig(policy.object)),
  });
  const files = { qemu: qemu.path, kernel: await bootFile(kernel.vmlinuz), image: image.path };
  const withPolicy = policy === undefined ? files : { ...files, policy: policy.object };
  const spec: TrialSpec = {
    kernelSha256: kernel.sha256,
    imageSha256: image.sha256,
    qemuVersion: qemu.version,
    lockstepSha256: await sha256Of(lockstepPath()),
    shape,
    workload: workload.name,
    parameters,
    knobs: {},
    seed: request.seed,
    warmupNs: request.warmupNs ?? workload.warmupNs,
    windowNs: request.windowNs ?? workload.windowNs,
    windows: 1,
    ...(request.telemetry === false ? { telemetry: false } : {}),
    ...(policy === undefined ? {} : { policy: policySpec(policy) }),
  };
  const guest = await lab.describe(spec, files);
  if (guest.cpus !== shape.cpus)
    throw new TunesmithError('guest', `the guest has ${guest.cpus} CPUs online instead of ${shape.cpus}`);
  if (policy && !guest.sched_ext) throw needsSchedExt(kernel.release, 'is built without sched_ext');
  const names = new Set(knobsOf(kernel.scheduler).map(({ name }) => name));
  const defaults = Object.fromEntries(Object.entries(guest.knobs).filter(([name]) => names.has(name)));
  const windows = (request.windowNs === undefined && workload.windows) || { search: 1, referee: 1 };
  return { spec, files: withPolicy, kernel, workload, windows, qemu, defaults };
}
