import type { Native } from '../../native.js';
import type { DoctorRow } from '../row.js';
import type { Run } from '../run.js';

/** What a probe may look at: a file tree, programs, the addon. Tests give it a tree of their own. */
export interface Machine {
  /** Where the file system begins, `/` on the real machine. */
  readonly root: string;
  readonly run: Run;
  /** The addon, or the reason why there is none. */
  readonly native: Native | { readonly absent: string };
  /** Why no database can be opened, or null. */
  readonly sqlite: { readonly absent: string; readonly fix: string } | null;
  /** Path of the lab's agent, or the reason why there is none. */
  readonly agent: string | { readonly absent: string };
  /** Directory of this project's cache (`cacheDir()`). */
  readonly cache: string;
  /** `process.version`, such as v20.20.2. */
  readonly node: string;
}

/** Looks at one group of things. Leaves nothing behind, throws only for a mistake of its own. */
export type Probe = (machine: Machine) => Promise<DoctorRow[]> | DoctorRow[];
