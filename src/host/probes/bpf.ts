import { join } from 'node:path';
import { degraded, missing, ok } from '../row.js';
import type { Probe } from './probe.js';

const BTF = { id: 'btf', name: 'Kernel types (BTF)' };
const BPF = { id: 'bpf', name: 'BPF' };
const CAPABILITIES = { id: 'capabilities', name: 'Capabilities' };
const LIBBPF = { id: 'libbpf', name: 'libbpf' };
const SETUP = 'npm run setup';
const AS_ROOT = 'run tunesmith as root for the host; the lab needs no privilege';

/** What the addon can tell about BPF: types, loading, capabilities, the library. */
export const probeBpf: Probe = ({ native, root }) => {
  if ('absent' in native)
    return [BTF, BPF, CAPABILITIES, LIBBPF].map((label) =>
      missing(label, `cannot tell: ${native.absent}`, 'this host can be neither observed nor tuned', SETUP),
    );
  return [
    btfRow(native.btf(join(root, 'sys/kernel/btf/vmlinux'))),
    bpfRow(native.bpf()),
    capabilityRow(native.capabilities()),
    libbpfRow(native.libbpf()),
  ];
};

/** The row for an opened BTF blob, or for why it could not be. */
export function btfRow(btf: { ok: boolean; bytes: number; code: string; reason: string }) {
  if (btf.ok) return ok(BTF, `${(btf.bytes / 1e6).toFixed(1)} MB`);
  const cost = 'no BPF program can be fitted to this kernel: no observation, no policies on this host';
  if (btf.code === 'ENOENT') return missing(BTF, 'none', cost, 'boot a kernel with CONFIG_DEBUG_INFO_BTF=y');
  return missing(BTF, btf.reason, cost, AS_ROOT);
}

/** The row for a map and a program that were really tried. */
export function bpfRow(bpf: Record<'map' | 'program', { ok: boolean; code: string; reason: string }>) {
  const failed = [bpf.map, bpf.program].find((outcome) => !outcome.ok);
  if (failed === undefined) return ok(BPF, 'maps and programs load');
  const what = failed === bpf.map ? 'no map can be made' : 'no program loads';
  return missing(
    BPF,
    `${what} (${failed.code}): ${failed.reason}`,
    'no observation, no policies on this host',
    AS_ROOT,
  );
}

/** The row for the effective capabilities. */
export function capabilityRow(has: { bpf: boolean; perfmon: boolean; sysAdmin: boolean }) {
  const wanted = { CAP_BPF: has.bpf, CAP_PERFMON: has.perfmon, CAP_SYS_ADMIN: has.sysAdmin };
  const names = Object.entries(wanted);
  const lacking = names.filter(([, held]) => !held).map(([name]) => name);
  if (lacking.length === 0) return ok(CAPABILITIES, names.map(([name]) => name).join(' '));
  const cost = 'this host can be observed and tuned only in part';
  return degraded(CAPABILITIES, `without ${lacking.join(' ')}`, cost, AS_ROOT);
}

/** The row for the libbpf the loader found; 1.4 lets a policy's timeout be changed before it is loaded. */
export function libbpfRow(libbpf: { major: number; minor: number; path: string } | null) {
  if (libbpf === null) return missing(LIBBPF, 'none', 'no observation, no policies on this host', SETUP);
  const { major, minor, path } = libbpf;
  const found = `${major}.${minor} (${path})`;
  if (major > 1 || minor >= 4) return ok(LIBBPF, found);
  return degraded(LIBBPF, found, 'older than 1.4: policies cannot be loaded', SETUP);
}
