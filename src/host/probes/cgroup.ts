import { join } from 'node:path';
import { degraded, missing, ok } from '../row.js';
import { readText } from './files.js';
import { mounts } from './mounts.js';
import type { Probe } from './probe.js';

const CGROUP = { id: 'cgroup', name: 'Control groups' };
const COST = 'a change cannot be limited to a cgroup by CPU weight, nor pressure be read for one';
/** cpu.shares are there, so a weight can be set; pressure is in v2 alone. */
const IN_V1 = 'cpu_weight is set through cpu.shares, and pressure cannot be read for a cgroup';
const UNIFY = 'boot with systemd.unified_cgroup_hierarchy=1';

/** Version of the hierarchy (v1, v2 or hybrid) and where its cpu controller is. */
export const probeCgroup: Probe = ({ root }) => {
  const all = mounts(root);
  const unified = all.find(({ type }) => type === 'cgroup2');
  const legacy = all.filter(({ type }) => type === 'cgroup');
  const cpu = legacy.find(({ options }) => options.includes('cpu'));
  const controllers = readText(join(root, unified?.where ?? '', 'cgroup.controllers'))?.split(' ') ?? [];
  const version = unified === undefined ? 'v1' : legacy.length > 0 ? 'hybrid' : 'v2';

  if (unified === undefined && legacy.length === 0) return [missing(CGROUP, 'none mounted', COST, UNIFY)];
  if (controllers.includes('cpu')) return [ok(CGROUP, `${version}, cpu controller in v2`)];
  if (cpu) return [degraded(CGROUP, `${version}, cpu controller in v1 at ${cpu.where}`, IN_V1, UNIFY)];
  return [degraded(CGROUP, `${version}, no cpu controller`, COST, version === 'v2' ? '' : UNIFY)];
};
