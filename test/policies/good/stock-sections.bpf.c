/*
 * In the style of the kernel’s selftests: plain vmlinux.h, SEC("struct_ops/…"), the table as a plain variable, no
 * macros of ours, an exit record of its own.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

struct {
	int kind;
	char message[128];
} ended;

SEC("struct_ops/enqueue")
void BPF_PROG(stock_sections_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}

SEC("struct_ops.s/exit")
void BPF_PROG(stock_sections_exit, struct scx_exit_info *ei)
{
	bpf_probe_read_kernel_str(ended.message, sizeof(ended.message), ei->msg);
	ended.kind = BPF_CORE_READ(ei, kind);
}

SEC(".struct_ops.link")
struct sched_ext_ops stock_sections_ops = {
	.enqueue = (void *)stock_sections_enqueue,
	.exit = (void *)stock_sections_exit,
	.name = "stock_sections",
};
