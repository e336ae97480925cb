// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
// Programs that do nothing where a latency tool usually hooks in: what the hooks alone cost.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sched_wakeup")
int woken(void* context) {
  return 0;
}

SEC("tp_btf/sched_switch")
int switched(void* context) {
  return 0;
}
