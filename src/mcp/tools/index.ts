import { listedName, nameMeant } from '../names.js';
import type { Tool } from '../tool.js';
import { labCompare } from './lab/compare.js';
import { labKernels } from './lab/kernels.js';
import { labTrial } from './lab/trial.js';
import { labWorkloads } from './lab/workloads.js';
import { commitParams } from './os/commit-params.js';
import { describeScheduler } from './os/describe.js';
import { getParams } from './os/get-params.js';
import { listChanges } from './os/list-changes.js';
import { revertParams } from './os/revert-params.js';
import { setCfsParamsStaged } from './os/set-cfs-params-staged.js';
import { setParamsStaged } from './os/set-params-staged.js';
import { listCollectors } from './perf/list-collectors.js';
import { measure } from './perf/measure.js';
import { readCollector } from './perf/read-collector.js';
import { startCollector } from './perf/start-collector.js';
import { stopCollector } from './perf/stop-collector.js';
import { applyStaged } from './policy/apply-staged.js';
import { checkPolicy } from './policy/check.js';
import { commitPolicy } from './policy/commit.js';
import { listPoliciesTool } from './policy/list.js';
import { revertPolicy } from './policy/revert.js';
import { showPolicy } from './policy/show.js';
import { trialPolicy } from './policy/trial.js';

/** Every tool, in the order clients see. */
export const TOOLS: readonly Tool[] = [
  describeScheduler,
  getParams,
  setCfsParamsStaged,
  setParamsStaged,
  commitParams,
  revertParams,
  listChanges,
  listPoliciesTool,
  showPolicy,
  checkPolicy,
  trialPolicy,
  applyStaged,
  commitPolicy,
  revertPolicy,
  measure,
  startCollector,
  readCollector,
  stopCollector,
  listCollectors,
  labWorkloads,
  labKernels,
  labTrial,
  labCompare,
];

const LISTED = new Set(TOOLS.map(({ name }) => listedName(name)));

/** The listed name of the tool that a caller's spelling means; what means none stays as it is. */
export function calledAs(spelling: string): string {
  const name = nameMeant(spelling);
  return LISTED.has(name) ? name : spelling;
}
