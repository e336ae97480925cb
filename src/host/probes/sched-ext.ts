import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { degraded, missing, ok } from '../row.js';
import { readText } from './files.js';
import { kernelRelease } from './kernel.js';
import { knownIssue } from './known-issues.js';
import type { Probe } from './probe.js';

const SCHED_EXT = { id: 'sched_ext', name: 'sched_ext' };
const COST = 'policies can be proved in the lab, but not applied to this host';
const FIX = 'boot a kernel >= 6.12 with CONFIG_SCHED_CLASS_EXT=y (Debian: linux-image-amd64 of release 13)';

/** Is sched_ext there, and what runs now; when it is not, was it built in? */
export const probeSchedExt: Probe = ({ root }) => {
  const home = join(root, 'sys/kernel/sched_ext');
  if (!existsSync(home)) return [missing(SCHED_EXT, configured(root), COST, FIX)];
  const policy = readText(join(home, 'root/ops'));
  const state = readText(join(home, 'state')) ?? 'state unknown';
  const found = policy === undefined ? state : `${state}, running ${JSON.stringify(policy.slice(0, 60))}`;
  const issue = knownIssue(kernelRelease(root));
  return [issue === undefined ? ok(SCHED_EXT, found) : degraded(SCHED_EXT, found, issue, 'boot 7.0 or 7.3')];
};

function configured(root: string): string {
  const config = kernelConfig(root);
  if (config === undefined) return 'not in this kernel (/sys/kernel/sched_ext is not there)';
  return /^CONFIG_SCHED_CLASS_EXT=y$/m.test(config)
    ? 'built into this kernel, but /sys/kernel/sched_ext is not there: is /sys mounted?'
    : 'this kernel was built without CONFIG_SCHED_CLASS_EXT';
}

/** The running kernel's build configuration, from /proc/config.gz or /boot; undefined when neither can be read. */
function kernelConfig(root: string): string | undefined {
  try {
    return gunzipSync(readFileSync(join(root, 'proc/config.gz'))).toString();
  } catch {
    return readText(join(root, 'boot', `config-${kernelRelease(root)}`));
  }
}
