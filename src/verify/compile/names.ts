import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Names } from './hints.js';
import { type KernelTypes, kfuncsIn } from './types.js';

const HELPERS = '/usr/include/bpf/bpf_helper_defs.h';

/** The names a policy may use, from the target kernel's vmlinux.h and libbpf's headers; read when first asked for. */
export function namesOf({ dir }: KernelTypes, release: string): Names {
  let found: Names | undefined;
  const read = (): Names => {
    if (found) return found;
    const vmlinux = readFileSync(join(dir, 'vmlinux.h'), 'utf8');
    const unique = (pattern: RegExp, text: string): string[] => [
      ...new Set([...text.matchAll(pattern)].map(([, name]) => name as string)),
    ];
    found = {
      release,
      kfuncs: kfuncsIn(vmlinux),
      helpers: unique(/\(\* ?const (bpf_\w+)\)/g, readFileSync(HELPERS, 'utf8')),
      constants: unique(/^\t(SCX_\w+)/gm, vmlinux),
    };
    return found;
  };
  return {
    release,
    get kfuncs() {
      return read().kfuncs;
    },
    get helpers() {
      return read().helpers;
    },
    get constants() {
      return read().constants;
    },
  };
}
