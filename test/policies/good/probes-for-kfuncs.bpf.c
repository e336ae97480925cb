/*
 * Takes whichever name the kernel has, the one of Linux 6.12 among them, as policies from elsewhere do.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

void scx_bpf_dsq_insert___new(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch___old(struct task_struct *p, u64 dsq_id, u64 slice, u64 enq_flags) __ksym __weak;

static void insert(struct task_struct *p, u64 queue, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___new))
		scx_bpf_dsq_insert___new(p, queue, SCX_SLICE_DFL, enq_flags);
	else if (bpf_ksym_exists(scx_bpf_dispatch___old))
		scx_bpf_dispatch___old(p, queue, SCX_SLICE_DFL, enq_flags);
}

SEC("struct_ops/enqueue")
void BPF_PROG(probes_for_kfuncs_enqueue, struct task_struct *p, u64 enq_flags)
{
	insert(p, SCX_DSQ_GLOBAL, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops probes_for_kfuncs_ops = {
	.enqueue = (void *)probes_for_kfuncs_enqueue,
	.name = "probes_for_kfuncs",
};
