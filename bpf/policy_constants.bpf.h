/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Numbers that kernel headers have as macros, so that vmlinux.h has none of them: flags and states of tasks, scheduling
 * policies, nice values, units of time, limits of types.
 */
#pragma once

/* Kinds of tasks, p->flags (include/linux/sched.h; the same from Linux 6.12 to 7.3). */
#define PF_VCPU 0x00000001
#define PF_IDLE 0x00000002
#define PF_EXITING 0x00000004
#define PF_POSTCOREDUMP 0x00000008
#define PF_IO_WORKER 0x00000010
#define PF_WQ_WORKER 0x00000020
#define PF_FORKNOEXEC 0x00000040
#define PF_MCE_PROCESS 0x00000080
#define PF_SUPERPRIV 0x00000100
#define PF_DUMPCORE 0x00000200
#define PF_SIGNALED 0x00000400
#define PF_MEMALLOC 0x00000800
#define PF_NPROC_EXCEEDED 0x00001000
#define PF_USED_MATH 0x00002000
#define PF_USER_WORKER 0x00004000
#define PF_NOFREEZE 0x00008000
#define PF_KCOMPACTD 0x00010000
#define PF_KSWAPD 0x00020000
#define PF_MEMALLOC_NOFS 0x00040000
#define PF_MEMALLOC_NOIO 0x00080000
#define PF_LOCAL_THROTTLE 0x00100000
#define PF_KTHREAD 0x00200000
#define PF_RANDOMIZE 0x00400000
#define PF_NO_SETAFFINITY 0x04000000
#define PF_MCE_EARLY 0x08000000
#define PF_MEMALLOC_PIN 0x10000000
#define PF_BLOCK_TS 0x20000000
#define PF_SUSPEND_TASK 0x80000000

/* What a task does, p->__state. */
#define TASK_RUNNING 0x00000000
#define TASK_INTERRUPTIBLE 0x00000001
#define TASK_UNINTERRUPTIBLE 0x00000002
#define TASK_PARKED 0x00000040
#define TASK_DEAD 0x00000080
#define TASK_WAKEKILL 0x00000100
#define TASK_WAKING 0x00000200
#define TASK_NOLOAD 0x00000400
#define TASK_NEW 0x00000800

/* Scheduling policies, p->policy (include/uapi/linux/sched.h). */
#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define SCHED_BATCH 3
#define SCHED_IDLE 5
#define SCHED_DEADLINE 6
#define SCHED_EXT 7

/* Nice values and priorities (include/linux/sched/prio.h): p->static_prio is NICE_TO_PRIO(nice). */
#ifndef POLICY_OWN_MAX_NICE
#define MAX_NICE 19
#endif
#ifndef POLICY_OWN_MIN_NICE
#define MIN_NICE -20
#endif
#ifndef POLICY_OWN_NICE_WIDTH
#define NICE_WIDTH 40
#endif
#ifndef POLICY_OWN_MAX_RT_PRIO
#define MAX_RT_PRIO 100
#endif
#ifndef POLICY_OWN_MAX_PRIO
#define MAX_PRIO 140
#endif
#ifndef POLICY_OWN_DEFAULT_PRIO
#define DEFAULT_PRIO 120
#endif
#define NICE_TO_PRIO(nice) ((nice) + 120)
#define PRIO_TO_NICE(prio) ((prio) - 120)

/* For bpf_timer_init. */
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

#define NUMA_NO_NODE (-1)

#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define USEC_PER_MSEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L

#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#define S32_MAX ((s32)(U32_MAX >> 1))
#define S32_MIN ((s32)(-S32_MAX - 1))
#define S64_MAX ((s64)(U64_MAX >> 1))
#define S64_MIN ((s64)(-S64_MAX - 1))
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define LLONG_MAX ((long long)(~0ULL >> 1))
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX (~0ULL)

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK_ULL(high, low) (((~0ULL) << (low)) & (~0ULL >> (63 - (high))))
