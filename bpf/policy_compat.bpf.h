/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * sched_ext's kfuncs as Linux 6.13 to 7.3 name them, on every kernel from 6.12 on. Each is looked for in the
 * running kernel's types, never by version, and a branch for what is not there is dropped by the kernel's
 * verifier. What comes after `___` in a declaration is ignored when it is looked up, so that ours live beside
 * the prototypes of any vmlinux.h. Kfuncs that have kept their form are used directly.
 */
#pragma once

#define POLICY_KFUNC extern __weak __ksym

/* Arguments that no longer fit into five registers travel in a structure, from 6.19 on. */
struct scx_bpf_dsq_insert_vtime_args___any {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
} __attribute__((preserve_access_index));

struct scx_bpf_select_cpu_and_args___any {
	s32 prev_cpu;
	u64 wake_flags;
	u64 flags;
} __attribute__((preserve_access_index));

POLICY_KFUNC void scx_bpf_dsq_insert___any(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags);
POLICY_KFUNC void scx_bpf_dispatch___any(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags);
POLICY_KFUNC bool __scx_bpf_dsq_insert_vtime___any(struct task_struct *p,
						   struct scx_bpf_dsq_insert_vtime_args___any *args);
POLICY_KFUNC void scx_bpf_dsq_insert_vtime___any(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
						 u64 enq_flags);
POLICY_KFUNC void scx_bpf_dispatch_vtime___any(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
					       u64 enq_flags);
POLICY_KFUNC bool scx_bpf_dsq_move_to_local___any(u64 dsq_id);
POLICY_KFUNC bool scx_bpf_consume___any(u64 dsq_id);
POLICY_KFUNC s32 __scx_bpf_select_cpu_and___any(struct task_struct *p, const struct cpumask *allowed,
						struct scx_bpf_select_cpu_and_args___any *args);
POLICY_KFUNC s32 scx_bpf_select_cpu_and___any(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
					      const struct cpumask *allowed, u64 flags);
POLICY_KFUNC bool scx_bpf_task_set_slice___any(struct task_struct *p, u64 slice);
POLICY_KFUNC bool scx_bpf_task_set_dsq_vtime___any(struct task_struct *p, u64 vtime);
POLICY_KFUNC u64 scx_bpf_now___any(void);
POLICY_KFUNC bool scx_bpf_dsq_move___any(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq_id,
					 u64 enq_flags);
POLICY_KFUNC bool scx_bpf_dispatch_from_dsq___any(struct bpf_iter_scx_dsq *it, struct task_struct *p,
						  u64 dsq_id, u64 enq_flags);

static __always_inline void policy_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___any))
		scx_bpf_dsq_insert___any(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch___any(p, dsq_id, slice, enq_flags);
}
#define scx_bpf_dsq_insert policy_dsq_insert

static __always_inline void policy_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice, u64 vtime,
						    u64 enq_flags)
{
	if (bpf_core_type_exists(struct scx_bpf_dsq_insert_vtime_args___any) &&
	    bpf_ksym_exists(__scx_bpf_dsq_insert_vtime___any)) {
		struct scx_bpf_dsq_insert_vtime_args___any args = {
			.dsq_id = dsq_id,
			.slice = slice,
			.vtime = vtime,
			.enq_flags = enq_flags,
		};

		__scx_bpf_dsq_insert_vtime___any(p, &args);
	} else if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime___any)) {
		scx_bpf_dsq_insert_vtime___any(p, dsq_id, slice, vtime, enq_flags);
	} else {
		scx_bpf_dispatch_vtime___any(p, dsq_id, slice, vtime, enq_flags);
	}
}
#define scx_bpf_dsq_insert_vtime policy_dsq_insert_vtime

static __always_inline bool policy_dsq_move_to_local(u64 dsq_id)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___any))
		return scx_bpf_dsq_move_to_local___any(dsq_id);
	return scx_bpf_consume___any(dsq_id);
}
#define scx_bpf_dsq_move_to_local policy_dsq_move_to_local

static __always_inline bool policy_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 dsq_id,
					    u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move___any))
		return scx_bpf_dsq_move___any(it, p, dsq_id, enq_flags);
	return scx_bpf_dispatch_from_dsq___any(it, p, dsq_id, enq_flags);
}
#define scx_bpf_dsq_move policy_dsq_move

/* An idle CPU among those `allowed` that the task may use, claimed; or a negative number. Up to 6.15 there is no
 * such kfunc, and caches are not minded. */
static __always_inline s32 policy_select_cpu_and(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
						 const struct cpumask *allowed, u64 flags)
{
	if (bpf_core_type_exists(struct scx_bpf_select_cpu_and_args___any) &&
	    bpf_ksym_exists(__scx_bpf_select_cpu_and___any)) {
		struct scx_bpf_select_cpu_and_args___any args = {
			.prev_cpu = prev_cpu,
			.wake_flags = wake_flags,
			.flags = flags,
		};

		return __scx_bpf_select_cpu_and___any(p, allowed, &args);
	}
	if (bpf_ksym_exists(scx_bpf_select_cpu_and___any))
		return scx_bpf_select_cpu_and___any(p, prev_cpu, wake_flags, allowed, flags);
	if (!bpf_cpumask_subset(allowed, p->cpus_ptr))
		return -1;
	return scx_bpf_pick_idle_cpu(allowed, flags);
}
#define scx_bpf_select_cpu_and policy_select_cpu_and

/* Before 6.19 a policy writes these fields itself. */
static __always_inline void policy_task_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___any))
		scx_bpf_task_set_slice___any(p, slice);
	else
		p->scx.slice = slice;
}
#define scx_bpf_task_set_slice policy_task_set_slice

static __always_inline void policy_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime___any))
		scx_bpf_task_set_dsq_vtime___any(p, vtime);
	else
		p->scx.dsq_vtime = vtime;
}
#define scx_bpf_task_set_dsq_vtime policy_task_set_dsq_vtime

/* The run queue's clock where there is one for the asking, ns. */
static __always_inline u64 policy_now(void)
{
	return bpf_ksym_exists(scx_bpf_now___any) ? scx_bpf_now___any() : bpf_ktime_get_ns();
}
#define scx_bpf_now policy_now

/* Ends the policy with a message: scx_bpf_error("no queue for CPU %d", cpu). */
#define scx_bpf_error(format, args...)                                                              \
	({                                                                                          \
		/* The kernel's prototype takes it for writable, and so must the verifier. */        \
		static char policy_format[] = format;                                               \
		unsigned long long policy_args[___bpf_narg(args) ?: 1] = {};                        \
		___bpf_fill(policy_args, args);                                                     \
		scx_bpf_error_bstr(policy_format, policy_args, ___bpf_narg(args) * 8);              \
	})

/* The iterator of the bpf_for_each(scx_dsq, p, QUEUE, 0) around, which scx_bpf_dsq_move takes. */
#define BPF_FOR_EACH_ITER (&___it)
