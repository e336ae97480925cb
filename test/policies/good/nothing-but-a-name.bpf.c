/*
 * The least a policy can be: every op is the kernel’s own.
 */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";



POLICY_EXIT(nothing_but_a_name_exit)

POLICY_HOTPLUG_IGNORED(nothing_but_a_name_cpu_online, nothing_but_a_name_cpu_offline)

SCX_OPS_DEFINE(nothing_but_a_name_ops,
	       .cpu_online = (void *)nothing_but_a_name_cpu_online,
	       .cpu_offline = (void *)nothing_but_a_name_cpu_offline,
	       .exit = (void *)nothing_but_a_name_exit,
	       .name = "nothing_but_a_name");
