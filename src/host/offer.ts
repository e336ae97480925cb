import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TunesmithError } from '../errors.js';
import { knobsOf } from '../knobs/catalogue.js';
import { HOST_KNOBS } from '../knobs/host.js';
import type { HostKnob, KernelKnob, SchedulerClass } from '../knobs/types.js';
import { sharesOf, weightFrom } from './cgroup.js';
import { FileSetting, type Notation, PLAIN } from './file.js';
import { LoadSlice } from './load-slice.js';
import { debugfsRow } from './probes/debugfs.js';
import { readError, writeError } from './probes/files.js';
import { mounts } from './probes/mounts.js';
import type { Scope } from './scope.js';
import type { Setting } from './setting.js';
import { SliceSetting } from './slice.js';

/** A knob that this machine does not let us have, why, and the way out ('' when there is none). */
export interface Refusal {
  readonly knob: string;
  readonly why: string;
  readonly fix: string;
}

/** The knobs that can be read and written here for a scope, and the others with the reason. Writes nothing. */
export function offer(scheduler: SchedulerClass, scope: Scope): { settings: Setting[]; refused: Refusal[] } {
  const host = HOST_KNOBS.filter(({ classes }) => classes.includes(scheduler));
  const found = [...knobsOf(scheduler).map(inDebugfs), ...host.map((knob) => hostKnob(knob, scope))];
  return {
    settings: found.filter((item) => 'before' in item),
    refused: found.filter((item) => 'why' in item),
  };
}

function inDebugfs({ name, debugfs }: KernelKnob): Setting | Refusal {
  const mount = mounts('/').find(({ type }) => type === 'debugfs');
  const path = join(mount?.where ?? '/sys/kernel/debug', debugfs);
  const seen = { mounted: mount !== undefined, read: readError(path), write: writeError(path) };
  if (seen.mounted && seen.read === '' && seen.write === '') return new FileSetting(name, path);
  const { found, fix } = debugfsRow({ ...seen, knob: existsSync(path) ? name : undefined });
  return { knob: name, why: found, fix };
}

function hostKnob({ name, home }: HostKnob, scope: Scope): Setting | Refusal {
  if (home === 'cgroup') return weight(name, scope);
  if (home === 'sysctl') return sysctl(name);
  try {
    return scope.kind === 'load' ? new LoadSlice() : new SliceSetting(scope);
  } catch (error) {
    if (!(error instanceof TunesmithError)) throw error;
    return { knob: name, why: error.message, fix: error.hint ?? '' };
  }
}

function sysctl(name: string): Setting | Refusal {
  const path = `/proc/sys/kernel/${name}`;
  if (!existsSync(path)) return { knob: name, why: `this kernel has no kernel.${name}`, fix: '' };
  return unlessRefused(name, path) ?? new FileSetting(name, path);
}

function weight(name: string, scope: Scope): Setting | Refusal {
  if (scope.kind !== 'cgroup')
    return { knob: name, why: 'it belongs to a cgroup', fix: 'take --scope cgroup:/PATH' };
  const { weight: found, version } = scope.cgroup;
  if ('why' in found) return { knob: name, ...found, fix: '' };
  const notation = version === 2 ? PLAIN : SHARES;
  return unlessRefused(name, found.file) ?? new FileSetting(name, found.file, notation);
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
