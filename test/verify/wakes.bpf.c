/*
 * One queue that CPUs share, served first come, first served, under each way to choose a CPU for a task that wakes up:
 * what lint/wakes-no-cpu says of a policy is measured with this one (wakes.test.ts).
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define SHARED 7

enum { KERNELS, PREVIOUS, NAMES_IDLE };

/* How select_cpu chooses: as the kernel would, the CPU the task was on, an idle one that is named and not inserted on. */
const volatile u32 choice;
/* Whether enqueue wakes an idle CPU. */
const volatile u32 kick;

s32 BPF_STRUCT_OPS(wakes_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	if (choice == PREVIOUS)
		return prev_cpu;
	if (choice == NAMES_IDLE) {
		cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
		return cpu >= 0 ? cpu : prev_cpu;
	}
	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}

void BPF_STRUCT_OPS(wakes_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SHARED, SCX_SLICE_DFL, enq_flags);
	if (kick)
		kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(wakes_dispatch, s32 cpu, struct task_struct *prev)
{
	scx_bpf_dsq_move_to_local(SHARED);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(wakes_init)
{
	return scx_bpf_create_dsq(SHARED, -1);
}

POLICY_EXIT(wakes_exit)

SCX_OPS_DEFINE(wakes_ops,
	       .select_cpu = (void *)wakes_select_cpu,
	       .enqueue = (void *)wakes_enqueue,
	       .dispatch = (void *)wakes_dispatch,
	       .init = (void *)wakes_init,
	       .exit = (void *)wakes_exit,
	       .name = "wakes");
