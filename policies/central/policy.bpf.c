// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * One CPU deals tasks to the others: it fills their hands from the common queue, they play and seldom look up.
 *
 * Shows a dispatcher. The central CPU takes short turns, and after each it moves tasks from the common queue to the
 * queues of CPUs that have few, in order and by affinity. The others run long turns from their own queue without
 * anyone else at its lock. A CPU that finds its queue empty helps itself from the common one rather than wait, so a
 * central CPU that is busy, or offline, costs order but no time.
 *
 * Works on machines with many CPUs that can give one away: HPC, hosts of virtual machines. Does not on small ones,
 * nor where short waits count: dealt tasks wait where they were dealt to.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of a task of nice 0, ns. Short: waits are short. Long: fewer switches. */
const volatile u64 slice_ns = 10000000;

/* Turn of tasks on the central CPU, ns: how long the others may wait for it to deal. */
const volatile u64 central_slice_ns = 1000000;

/* The CPU that deals. */
const volatile s32 central_cpu = 0;

/* How many tasks a CPU is dealt ahead. 1: tasks stay in the common queue for longest. Large: it deals less often. */
const volatile u32 hand = 2;

#define COMMON 0
#define CPUS_MAX 1024
#define HAND_OF(cpu) (1 + (u64)(u32)(cpu) % CPUS_MAX)
#define DEALS_MAX 32 /* at a time: others wait for the central CPU meanwhile */
#define SLICE_MAX_NS 40000000

static u32 cpu_ids;
static u32 next_cpu; /* only the central CPU uses it */
static bool gone[CPUS_MAX];
static s32 nr_gone;

/* In one queue, first come first served, weight is honoured by the length of a turn. */
static u64 turn_of(const struct task_struct *p)
{
	const u64 turn = times_weight(slice_ns, p->scx.weight);

	return turn < central_slice_ns ? central_slice_ns : turn > SLICE_MAX_NS ? SLICE_MAX_NS : turn;
}

s32 BPF_STRUCT_OPS(central_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, turn_of(p), 0);
	return cpu;
}

void BPF_STRUCT_OPS(central_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, COMMON, turn_of(p), enq_flags);
	kick_idle_cpu(p);
}

/* The next CPU in turn that the task may use and whose hand is not full; a negative number if there is none. */
static s32 next_player(const struct task_struct *p)
{
	const u32 ids = cpu_ids ?: 1;
	s32 found = -1;
	u32 i;

	bpf_for(i, 0, ids) {
		const s32 cpu = (next_cpu + i) % ids;

		if (cpu == central_cpu || gone[(u32)cpu % CPUS_MAX] || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		if (scx_bpf_dsq_nr_queued(HAND_OF(cpu)) >= (s32)hand)
			continue;
		found = cpu;
		break;
	}
	if (found >= 0)
		next_cpu = found + 1;
	return found;
}

static void deal(void)
{
	struct task_struct *p;
	u32 dealt = 0;

	bpf_for_each(scx_dsq, p, COMMON, 0) {
		s32 cpu;

		if (dealt++ >= DEALS_MAX)
			break;
		cpu = next_player(p);
		/* It refuses a task that has left the queue, or whose affinity has changed, since it was looked at. */
		if (cpu >= 0 && scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, HAND_OF(cpu), 0))
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	}
}

void BPF_STRUCT_OPS(central_dispatch, s32 cpu, struct task_struct *prev)
{
	u32 i;

	if (cpu == central_cpu)
		deal();
	/* What was dealt to a CPU that is gone has waited longest. */
	if (nr_gone > 0)
		bpf_for(i, 0, cpu_ids) {
			if (gone[i % CPUS_MAX] && scx_bpf_dsq_move_to_local(HAND_OF(i)))
				return;
		}
	if (scx_bpf_dsq_move_to_local(HAND_OF(cpu)) || scx_bpf_dsq_move_to_local(COMMON))
		return;
	/* A CPU with nothing takes what was dealt to others. */
	bpf_for(i, 0, cpu_ids) {
		if (scx_bpf_dsq_nr_queued(HAND_OF(i)) > 0 && scx_bpf_dsq_move_to_local(HAND_OF(i)))
			return;
	}
}

void BPF_STRUCT_OPS(central_running, struct task_struct *p)
{
	if (scx_bpf_task_cpu(p) == central_cpu && p->scx.slice > central_slice_ns)
		scx_bpf_task_set_slice(p, central_slice_ns);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(central_init)
{
	s32 error = scx_bpf_create_dsq(COMMON, -1);
	u32 i;

	cpu_ids = scx_bpf_nr_cpu_ids();
	if (cpu_ids > CPUS_MAX)
		cpu_ids = CPUS_MAX;
	bpf_for(i, 0, cpu_ids) {
		if (error)
			break;
		error = scx_bpf_create_dsq(HAND_OF(i), -1);
	}
	return error;
}

POLICY_EXIT(central_exit)

void BPF_STRUCT_OPS(central_cpu_online, s32 cpu)
{
	if (gone[(u32)cpu % CPUS_MAX])
		__sync_fetch_and_add(&nr_gone, -1);
	gone[(u32)cpu % CPUS_MAX] = false;
}

void BPF_STRUCT_OPS(central_cpu_offline, s32 cpu)
{
	gone[(u32)cpu % CPUS_MAX] = true;
	__sync_fetch_and_add(&nr_gone, 1);
}

SCX_OPS_DEFINE(central_ops,
	       .select_cpu = (void *)central_select_cpu,
	       .enqueue = (void *)central_enqueue,
	       .dispatch = (void *)central_dispatch,
	       .running = (void *)central_running,
	       .cpu_online = (void *)central_cpu_online,
	       .cpu_offline = (void *)central_cpu_offline,
	       .init = (void *)central_init,
	       .exit = (void *)central_exit,
	       .name = "central");
