import { TunesmithError } from '../errors.js';

/**
 * The workload itself failed in a window, on a machine that is well and says so: the window has no figures, and the
 * next one may. A machine that was lost, hung or refuses something is any other `TunesmithError`. The code is for
 * whoever cannot go on without this window; the message has the workload's last words.
 */
export class WorkloadDied extends TunesmithError {}

/**
 * The machine itself hung or crashed in a window by its own doing (never for want of this machine's CPU time, which is a
 * `MachineFailed`). Under a setting that is a verdict on the setting, and the next window gets another machine; under the
 * default there is nothing to go on with.
 */
export class TargetLost extends TunesmithError {}
