import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKnob, KernelKnob } from '../knobs/types.js';
import { sharesOf, weightFrom } from './cgroup.js';
import { type Notation, PLAIN } from './file.js';
import { debugfsRow } from './probes/debugfs.js';
import { readError, writeError } from './probes/files.js';
import { mounts } from './probes/mounts.js';
import type { Scope } from './scope.js';

/** A knob that this machine does not let us have, why, and the way out ('' when there is none). */
export interface Refusal {
  readonly knob: string;
  readonly why: string;
  readonly fix: string;
}

/** The file of a knob, and how its number is written there. */
export interface Located {
  readonly knob: string;
  readonly path: string;
  readonly notation: Notation;
}

/** The file in debugfs of a kernel's knob. */
export function inDebugfs({ name, debugfs }: KernelKnob): Located | Refusal {
  const mount = mounts('/').find(({ type }) => type === 'debugfs');
  const path = join(mount?.where ?? '/sys/kernel/debug', debugfs);
  const seen = { mounted: mount !== undefined, read: readError(path), write: writeError(path) };
  if (seen.mounted && seen.read === '' && seen.write === '') return { knob: name, path, notation: PLAIN };
  const { found, fix } = debugfsRow({ ...seen, knob: existsSync(path) ? name : undefined });
  return { knob: name, why: found, fix };
}

/** The file of a sysctl. */
export function sysctl({ name }: HostKnob): Located | Refusal {
  const path = `/proc/sys/kernel/${name}`;
  if (!existsSync(path)) return { knob: name, why: `this kernel has no kernel.${name}`, fix: '' };
  return unlessRefused(name, path) ?? { knob: name, path, notation: PLAIN };
}

/** The file of a cgroup's weight. */
export function weight({ name }: HostKnob, scope: Scope | undefined): Located | Refusal {
  if (scope?.kind !== 'cgroup')
    return { knob: name, why: 'it belongs to a cgroup', fix: 'take --scope cgroup:/PATH' };
  const { weight: found, version } = scope.cgroup;
  if ('why' in found) return { knob: name, ...found, fix: '' };
  const notation = version === 2 ? PLAIN : SHARES;
  return unlessRefused(name, found.file) ?? { knob: name, path: found.file, notation };
}

const SHARES: Notation = {
  toText: (value) => String(sharesOf(value)),
  fromText: (text) => weightFrom(Number(text)),
};

function unlessRefused(knob: string, path: string): Refusal | undefined {
  const code = readError(path) || writeError(path);
  if (code === '') return undefined;
  const fix = code === 'EACCES' || code === 'EPERM' ? 'run tunesmith as root' : '';
  return { knob, why: `${path} may not be written (${code})`, fix };
}
