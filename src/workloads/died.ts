import { TunesmithError } from '../errors.js';

/**
 * The workload itself failed in a window, on a machine that is well and says so: the window has no figures, and the
 * next one may. A machine that was lost, hung or refuses something is any other `TunesmithError`. The code is for
 * whoever cannot go on without this window; the message has the workload's last words.
 */
export class WorkloadDied extends TunesmithError {}
