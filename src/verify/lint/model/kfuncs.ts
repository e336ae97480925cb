import { SLEEPABLE_OPS } from './known.js';

/** Kfuncs of sched_ext as some kernel from 6.12 to 7.3 names them (BTF of the lab's kernels). */
const SCX = `
__scx_bpf_dsq_insert_vtime __scx_bpf_select_cpu_and scx_bpf_cid_curr scx_bpf_cid_override 
scx_bpf_cid_to_cpu scx_bpf_cid_topo scx_bpf_cidperf_cap scx_bpf_cidperf_cur scx_bpf_cidperf_set 
scx_bpf_cpu_curr scx_bpf_cpu_node scx_bpf_cpu_rq scx_bpf_cpu_to_cid scx_bpf_cpuperf_cap 
scx_bpf_cpuperf_cur scx_bpf_cpuperf_set scx_bpf_create_dsq scx_bpf_destroy_dsq scx_bpf_dispatch 
scx_bpf_dispatch_cancel scx_bpf_dispatch_from_dsq_set_vtime scx_bpf_dispatch_nr_slots 
scx_bpf_dispatch_vtime scx_bpf_dispatch_vtime_from_dsq scx_bpf_dsq_insert scx_bpf_dsq_insert_vtime 
scx_bpf_dsq_move scx_bpf_dsq_move_set_slice scx_bpf_dsq_move_set_vtime scx_bpf_dsq_move_to_local 
scx_bpf_dsq_move_vtime scx_bpf_dsq_nr_queued scx_bpf_dsq_peek scx_bpf_dsq_reenq scx_bpf_dump_bstr 
scx_bpf_error_bstr scx_bpf_events scx_bpf_exit_bstr scx_bpf_get_idle_cpumask 
scx_bpf_get_idle_cpumask_node scx_bpf_get_idle_smtmask scx_bpf_get_idle_smtmask_node 
scx_bpf_get_online_cpumask scx_bpf_get_possible_cpumask scx_bpf_kick_cid scx_bpf_kick_cpu 
scx_bpf_locked_rq scx_bpf_now scx_bpf_nr_cids scx_bpf_nr_cpu_ids scx_bpf_nr_node_ids 
scx_bpf_nr_online_cids scx_bpf_online_cmask scx_bpf_pick_any_cpu scx_bpf_pick_any_cpu_node 
scx_bpf_pick_idle_cpu scx_bpf_pick_idle_cpu_node scx_bpf_put_cpumask scx_bpf_put_idle_cpumask 
scx_bpf_reenqueue_local scx_bpf_select_cpu_and scx_bpf_select_cpu_dfl scx_bpf_sub_caps 
scx_bpf_sub_dispatch scx_bpf_sub_grant scx_bpf_sub_kill_bstr scx_bpf_sub_revoke scx_bpf_task_cgroup 
scx_bpf_task_cid scx_bpf_task_cpu scx_bpf_task_running scx_bpf_task_set_dsq_vtime 
scx_bpf_task_set_slice scx_bpf_test_and_clear_cpu_idle scx_bpf_this_cid scx_bpf_tid_to_task
`;
export const SCX_KFUNCS: ReadonlySet<string> = new Set(SCX.trim().split(/\s+/));

/** What Linux 6.12 called them, and what replaced them in 6.13; 6.17 removed the old names. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['scx_bpf_dispatch', 'scx_bpf_dsq_insert'],
  ['scx_bpf_dispatch_vtime', 'scx_bpf_dsq_insert_vtime'],
  ['scx_bpf_consume', 'scx_bpf_dsq_move_to_local'],
  ['scx_bpf_dispatch_from_dsq', 'scx_bpf_dsq_move'],
  ['scx_bpf_dispatch_vtime_from_dsq', 'scx_bpf_dsq_move_vtime'],
  ['scx_bpf_dispatch_from_dsq_set_slice', 'scx_bpf_dsq_move_set_slice'],
  ['scx_bpf_dispatch_from_dsq_set_vtime', 'scx_bpf_dsq_move_set_vtime'],
]);

/** Names that look like kfuncs but are macros of policy.bpf.h or of scx's common headers. */
export const MACROS: ReadonlySet<string> = new Set(['scx_bpf_error', 'scx_bpf_exit', 'scx_bpf_dump']);

/** Put a task on a queue: (task, queue, slice[, vtime], flags). */
export const INSERT_FIFO = ['scx_bpf_dsq_insert', 'scx_bpf_dispatch'] as const;
export const INSERT_VTIME = ['scx_bpf_dsq_insert_vtime', 'scx_bpf_dispatch_vtime'] as const;
/** Take from the queue named first. */
export const CONSUME = ['scx_bpf_dsq_move_to_local', 'scx_bpf_consume'] as const;
/** Move a task found by iteration: (iterator, task, queue, flags). */
export const MOVE = [
  'scx_bpf_dsq_move',
  'scx_bpf_dsq_move_vtime',
  'scx_bpf_dispatch_from_dsq',
  'scx_bpf_dispatch_vtime_from_dsq',
] as const;

/** Need the built-in idle tracking, which an own update_idle turns off. */
export const IDLE_KFUNCS = [
  'scx_bpf_select_cpu_dfl',
  'scx_bpf_select_cpu_and',
  'scx_bpf_pick_idle_cpu',
  'scx_bpf_pick_idle_cpu_node',
  'scx_bpf_pick_any_cpu_node',
  'scx_bpf_test_and_clear_cpu_idle',
  'scx_bpf_get_idle_cpumask',
  'scx_bpf_get_idle_smtmask',
] as const;

export const PLACING: readonly string[] = ['select_cpu', 'enqueue', 'dispatch'];

/** Kfuncs that work from some ops alone; in the others they end the policy, and from 7.1 on it does not load. */
export const ALLOWED_OPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['scx_bpf_dsq_insert', PLACING],
  ['scx_bpf_dsq_insert_vtime', PLACING],
  ['scx_bpf_dispatch', PLACING],
  ['scx_bpf_dispatch_vtime', PLACING],
  ['scx_bpf_dsq_move_to_local', ['dispatch']],
  ['scx_bpf_consume', ['dispatch']],
  ['scx_bpf_dispatch_nr_slots', ['dispatch']],
  ['scx_bpf_dispatch_cancel', ['dispatch']],
  // Where no run queue is locked the kernel locks one for it, from 6.16 on.
  ...['scx_bpf_select_cpu_dfl', 'scx_bpf_select_cpu_and'].map(
    (name) => [name, ['select_cpu', 'enqueue', ...SLEEPABLE_OPS, 'timer']] as const,
  ),
]);

/** Kfuncs that may sleep, and so cannot be called where scheduling happens. */
export const SLEEPING_KFUNCS: ReadonlySet<string> = new Set([
  'scx_bpf_create_dsq',
  'bpf_wq_start_sleepable',
  'bpf_copy_from_user_str',
]);
