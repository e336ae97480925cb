// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Weighted virtual time with one queue for each cache domain; a CPU looks into the others when its own is shorter.
 *
 * Shows how to keep tasks near the cache they have filled without leaving a CPU idle. Each domain has a clock of its
 * own; a task that changes domains takes along how far ahead or behind it was, not the time itself.
 *
 * Works on CPUs with several last-level caches (AMD's CCXs, several sockets) and loads that reuse their data. Gains
 * nothing on one cache: there it is `vtime`. BPF cannot see which CPUs share a cache, so it has to be told, and
 * believes it: without domain_cpus all CPUs are one domain.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Turn of every task, ns. Short: waits are short. Long: fewer switches, and caches stay warm for longer. */
const volatile u64 slice_ns = 3000000;

/* CPUs with consecutive numbers that share a cache (lscpu -C, or cpuN/cache/index3/shared_cpu_list). 0: all. */
const volatile u32 domain_cpus = 0;

/* Where the second threads of cores begin to be numbered, usually half of the CPUs. 0: numbers do not start over. */
const volatile u32 first_sibling = 0;

/* How many more tasks must wait in another domain before one is fetched from there. 0: as soon as one does. */
const volatile u32 steal_margin = 1;

#define DOMAINS 64

static u64 clocks[DOMAINS];
static u32 domains = 1;

struct task_domain {
	u32 domain;
};
POLICY_TASK_CONTEXT(struct task_domain)
POLICY_RUN_TIME

static u32 domain_of(s32 cpu)
{
	u32 place = cpu;

	if (!domain_cpus)
		return 0;
	if (first_sibling)
		place %= first_sibling;
	return (place / domain_cpus) % DOMAINS;
}

s32 BPF_STRUCT_OPS(llc_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	const s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	return cpu;
}

void BPF_STRUCT_OPS(llc_enqueue, struct task_struct *p, u64 enq_flags)
{
	/* The CPU the task is on is one it may use, so a pinned task lands where that CPU looks first. */
	const u32 domain = domain_of(scx_bpf_task_cpu(p)) % DOMAINS;
	struct task_domain *was = task_context(p);
	u64 vtime = p->scx.dsq_vtime;

	if (was && was->domain != domain) {
		vtime += clocks[domain] - clocks[was->domain % DOMAINS];
		was->domain = domain;
	}
	vtime = vtime_clamp(vtime, clocks[domain], slice_ns);
	scx_bpf_dsq_insert_vtime(p, domain, slice_ns, vtime, enq_flags);
	kick_idle_cpu(p);
}

/* A domain whose queue is longer than ours by more than the margin goes first, or an unlucky domain would stay
 * slower than the rest for as long as all are busy. The longest one does. */
void BPF_STRUCT_OPS(llc_dispatch, s32 cpu, struct task_struct *prev)
{
	const u32 own = domain_of(cpu);
	s32 longest = scx_bpf_dsq_nr_queued(own) + steal_margin;
	u32 from = own, i;

	bpf_for(i, 0, domains) {
		const s32 waiting = scx_bpf_dsq_nr_queued(i);

		if (waiting > longest) {
			longest = waiting;
			from = i;
		}
	}
	if (from != own && scx_bpf_dsq_move_to_local(from))
		return;
	if (scx_bpf_dsq_move_to_local(own))
		return;
	/* Nothing here, and the longest may have held only tasks that are pinned elsewhere: any other will do. */
	bpf_for(i, 0, domains) {
		if (scx_bpf_dsq_move_to_local(i))
			return;
	}
}

void BPF_STRUCT_OPS(llc_running, struct task_struct *p)
{
	const struct task_domain *in = task_context(p);
	const u32 domain = in ? in->domain % DOMAINS : 0;

	run_begins(p);
	if (vtime_before(clocks[domain], p->scx.dsq_vtime))
		clocks[domain] = p->scx.dsq_vtime;
}

void BPF_STRUCT_OPS(llc_stopping, struct task_struct *p, bool runnable)
{
	const u64 cost = per_weight(run_time(p), p->scx.weight);

	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + cost);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(llc_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* Without a context it counts as one of domain 0: a fork must not fail for that. */
	new_task_context(p);
	return 0;
}

/* A turn behind the others of its domain, so that a storm of short children moves the clock. */
void BPF_STRUCT_OPS(llc_enable, struct task_struct *p)
{
	const u32 domain = domain_of(scx_bpf_task_cpu(p)) % DOMAINS;
	struct task_domain *in = task_context(p);

	if (in)
		in->domain = domain;
	scx_bpf_task_set_dsq_vtime(p, clocks[in ? domain : 0] + per_weight(slice_ns, p->scx.weight));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(llc_init)
{
	s32 error = 0;
	u32 i;

	if (domain_cpus) {
		const u32 cpus = first_sibling ?: scx_bpf_nr_cpu_ids();

		domains = (cpus + domain_cpus - 1) / domain_cpus;
		if (domains > DOMAINS)
			domains = DOMAINS;
	}
	bpf_for(i, 0, domains) {
		error = scx_bpf_create_dsq(i, -1);
		if (error)
			break;
	}
	return error;
}

POLICY_EXIT(llc_exit)

/* A domain without CPUs is emptied by the others. */
POLICY_HOTPLUG_IGNORED(llc_cpu_online, llc_cpu_offline)

SCX_OPS_DEFINE(llc_ops,
	       .select_cpu = (void *)llc_select_cpu,
	       .enqueue = (void *)llc_enqueue,
	       .dispatch = (void *)llc_dispatch,
	       .running = (void *)llc_running,
	       .stopping = (void *)llc_stopping,
	       .init_task = (void *)llc_init_task,
	       .enable = (void *)llc_enable,
	       .cpu_online = (void *)llc_cpu_online,
	       .cpu_offline = (void *)llc_cpu_offline,
	       .init = (void *)llc_init,
	       .exit = (void *)llc_exit,
	       .name = "llc");
