/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * Names that authors of BPF programs know and that vmlinux.h, which has types and enumerators alone, cannot bring:
 * macros of kernel headers, and what the scx project's common header offers under the same names and with the same
 * meaning. Nothing here makes code unless it is used.
 *
 * A policy that defines one of these names itself keeps its own: tunesmith finds such a definition in the source and
 * sets POLICY_OWN_name when it compiles.
 */
#pragma once

#include "policy_constants.bpf.h"
#include "policy_errno.bpf.h"

#ifndef __maybe_unused
#define __maybe_unused __attribute__((__unused__))
#endif
#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#ifndef __aligned
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#endif
#ifndef __must_check
#define __must_check __attribute__((__warn_unused_result__))
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), "BUILD_BUG_ON(" #condition ")")

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define sizeof_field(type, member) sizeof(((type *)0)->member)

#ifndef POLICY_OWN_likely
#define likely(condition) __builtin_expect(!!(condition), 1)
#endif
#ifndef POLICY_OWN_unlikely
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#endif

/* Each argument is evaluated once; the result has the type that C gives a comparison of both. */
#ifndef POLICY_OWN_min
#define min(a, b) ({ __auto_type policy_a = (a); __auto_type policy_b = (b); policy_a < policy_b ? policy_a : policy_b; })
#endif
#ifndef POLICY_OWN_max
#define max(a, b) ({ __auto_type policy_a = (a); __auto_type policy_b = (b); policy_a > policy_b ? policy_a : policy_b; })
#endif
#ifndef POLICY_OWN_min_t
#define min_t(type, a, b) ({ type policy_a = (a), policy_b = (b); policy_a < policy_b ? policy_a : policy_b; })
#endif
#ifndef POLICY_OWN_max_t
#define max_t(type, a, b) ({ type policy_a = (a), policy_b = (b); policy_a > policy_b ? policy_a : policy_b; })
#endif
#ifndef POLICY_OWN_clamp
#define clamp(value, low, high)                                                                     \
	({                                                                                          \
		__auto_type policy_v = (value);                                                     \
		__auto_type policy_l = (low);                                                       \
		__auto_type policy_h = (high);                                                      \
		policy_v < policy_l ? policy_l : policy_v > policy_h ? policy_h : policy_v;         \
	})
#endif
#ifndef POLICY_OWN_clamp_t
#define clamp_t(type, value, low, high)                                                             \
	({                                                                                          \
		type policy_v = (value), policy_l = (low), policy_h = (high);                       \
		policy_v < policy_l ? policy_l : policy_v > policy_h ? policy_h : policy_v;         \
	})
#endif
#ifndef POLICY_OWN_abs
#define abs(value) ({ __auto_type policy_v = (value); policy_v < 0 ? -policy_v : policy_v; })
#endif
#ifndef POLICY_OWN_swap
#define swap(a, b) do { __auto_type policy_v = (a); (a) = (b); (b) = policy_v; } while (0)
#endif
#ifndef POLICY_OWN_DIV_ROUND_UP
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#endif
#ifndef POLICY_OWN_round_up
#define round_up(n, power_of_2) ((((n) - 1) | ((typeof(n))(power_of_2) - 1)) + 1)
#endif
#ifndef POLICY_OWN_round_down
#define round_down(n, power_of_2) ((n) & ~((typeof(n))(power_of_2) - 1))
#endif

/* The compiler reads or writes such a value once, whole, and where it is written. */
#ifndef POLICY_OWN_READ_ONCE
#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#endif
#ifndef POLICY_OWN_WRITE_ONCE
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))
#endif

/* Atomic, on 4 and 8 bytes, and ordered against everything before and after. */
#ifndef POLICY_OWN_xchg
#define xchg(pointer, value) __sync_lock_test_and_set(pointer, value)
#endif
#ifndef POLICY_OWN_cmpxchg
#define cmpxchg(pointer, old, value) __sync_val_compare_and_swap(pointer, old, value)
#endif
/* BPF has no fence; an atomic operation that returns the old value is one. */
#ifndef POLICY_OWN_smp_mb
#define smp_mb()                                                                                    \
	({                                                                                          \
		u64 policy_fence = 0;                                                               \
		u64 policy_old = __sync_fetch_and_add(&policy_fence, 1);                            \
		asm volatile("" : : "r"(policy_old) : "memory");                                    \
	})
#define smp_rmb() smp_mb()
#define smp_wmb() smp_mb()
#define smp_load_acquire(pointer)                                                                   \
	({                                                                                          \
		typeof(*(pointer)) policy_value = READ_ONCE(*(pointer));                            \
		smp_mb();                                                                           \
		policy_value;                                                                       \
	})
#define smp_store_release(pointer, value)                                                           \
	do {                                                                                        \
		smp_mb();                                                                           \
		WRITE_ONCE(*(pointer), value);                                                      \
	} while (0)
#endif
#ifndef POLICY_OWN_atomic_read
#define atomic_read(v) READ_ONCE((v)->counter)
#define atomic_set(v, value) WRITE_ONCE((v)->counter, value)
#define atomic_inc(v) ((void)__sync_fetch_and_add(&(v)->counter, 1))
#define atomic_dec(v) ((void)__sync_fetch_and_add(&(v)->counter, -1))
#define atomic_add(value, v) ((void)__sync_fetch_and_add(&(v)->counter, value))
#define atomic_sub(value, v) ((void)__sync_fetch_and_add(&(v)->counter, -(value)))
#define atomic_fetch_add(value, v) __sync_fetch_and_add(&(v)->counter, value)
#define atomic64_read(v) atomic_read(v)
#define atomic64_set(v, value) atomic_set(v, value)
#define atomic64_inc(v) atomic_inc(v)
#define atomic64_dec(v) atomic_dec(v)
#define atomic64_add(value, v) atomic_add(value, v)
#define atomic64_sub(value, v) atomic_sub(value, v)
#define atomic64_fetch_add(value, v) atomic_fetch_add(value, v)
#endif

/*
 * Loops whose end only the kernel knows: can_loop is true until the kernel has had enough of the callback (some 8
 * million rounds), cond_break leaves the loop then. The instruction is may_goto (0xe5, Linux 6.9), which jumps when the
 * count is used up; it is written as bytes, for clang takes its name with -mcpu=v4 alone.
 */
#ifndef POLICY_OWN_can_loop
#define can_loop                                                                                    \
	({                                                                                          \
		__label__ policy_spent, policy_on;                                                  \
		bool policy_may = true;                                                             \
		asm volatile goto("1: .byte 0xe5; .byte 0; "                                        \
				  ".long ((%l[policy_spent] - 1b - 8) / 8) & 0xffff; .short 0"      \
				  :                                                                 \
				  :                                                                 \
				  :                                                                 \
				  : policy_spent);                                                  \
		goto policy_on;                                                                     \
	policy_spent:                                                                               \
		policy_may = false;                                                                 \
	policy_on:;                                                                                 \
		policy_may;                                                                         \
	})
#endif
#ifndef POLICY_OWN_cond_break
#define cond_break ({ if (!can_loop) break; })
#define cond_break_label(label) ({ if (!can_loop) goto label; })
#endif

/* Times that may wrap, ns: only their difference means anything. */
#ifndef POLICY_OWN_time_after
static __always_inline bool time_after(u64 a, u64 b) { return (s64)(b - a) < 0; }
#endif
#ifndef POLICY_OWN_time_before
static __always_inline bool time_before(u64 a, u64 b) { return (s64)(a - b) < 0; }
#endif
#ifndef POLICY_OWN_time_after_eq
static __always_inline bool time_after_eq(u64 a, u64 b) { return (s64)(a - b) >= 0; }
#endif
#ifndef POLICY_OWN_time_before_eq
static __always_inline bool time_before_eq(u64 a, u64 b) { return (s64)(b - a) >= 0; }
#endif
#ifndef POLICY_OWN_time_in_range
static __always_inline bool time_in_range(u64 at, u64 from, u64 to)
{
	return (s64)(at - from) >= 0 && (s64)(to - at) >= 0;
}
#endif
#ifndef POLICY_OWN_time_in_range_open
static __always_inline bool time_in_range_open(u64 at, u64 from, u64 to)
{
	return (s64)(at - from) >= 0 && (s64)(at - to) < 0;
}
#endif
/* How much later `after` is than `before`; 0 when it is earlier. */
#ifndef POLICY_OWN_time_delta
static __always_inline s64 time_delta(u64 after, u64 before)
{
	return (s64)(after - before) > 0 ? (s64)(after - before) : 0;
}
#endif

/* The number of the highest bit that is set, from 0; 0 for 0. As in scx, log2_u64 is one more. */
#ifndef POLICY_OWN_log2_u32
static __always_inline u32 log2_u32(u32 value)
{
	u32 result = 0;

	for (u32 half = 16; half; half >>= 1)
		if (value >> half) {
			value >>= half;
			result += half;
		}
	return result;
}
#endif
#ifndef POLICY_OWN_log2_u64
static __always_inline u32 log2_u64(u64 value)
{
	return (value >> 32 ? log2_u32(value >> 32) + 32 : log2_u32(value)) + 1;
}
#endif

/* In proportion to a task's weight (100 at nice 0), and the other way round; times_weight and per_weight are bounded. */
#ifndef POLICY_OWN_scale_by_task_weight
static __always_inline u64 scale_by_task_weight(const struct task_struct *p, u64 value)
{
	return value * p->scx.weight / 100;
}
#endif
#ifndef POLICY_OWN_scale_by_task_weight_inverse
static __always_inline u64 scale_by_task_weight_inverse(const struct task_struct *p, u64 value)
{
	return value * 100 / p->scx.weight;
}
#endif

#ifndef POLICY_OWN_cast_mask
static __always_inline const struct cpumask *cast_mask(struct bpf_cpumask *mask)
{
	return (const struct cpumask *)mask;
}
#endif

/* Whether the task has to stay on its CPU for the moment, whatever its mask says. */
#ifndef POLICY_OWN_is_migration_disabled
static __always_inline bool is_migration_disabled(const struct task_struct *p)
{
	return bpf_core_field_exists(p->migration_disabled) && p->migration_disabled;
}
#endif

/*
 * A pointer to a member of a structure or an array that the verifier believes: NULL when it lies outside. The object
 * itself is named, not a pointer to it: MEMBER_VPTR(loads, [cpu]), MEMBER_VPTR(*ctx, .slots[i].at).
 */
static __always_inline void *policy_inside(void *base, u64 offset, u64 last)
{
	barrier_var(offset);
	if (offset > last)
		return NULL;
	barrier_var(offset); /* so that the sum is made here and not before the test */
	return base + offset;
}
#ifndef POLICY_OWN_MEMBER_VPTR
#define MEMBER_VPTR(base, member)                                                                   \
	((typeof(&((base)member)))policy_inside((void *)&(base), (u64)&((base)member) - (u64)&(base), \
						sizeof(base) - sizeof((base)member)))
#endif
/* The same for an array of n elements. */
#ifndef POLICY_OWN_ARRAY_ELEM_PTR
#define ARRAY_ELEM_PTR(array, i, n)                                                                 \
	((typeof(&(array)[0]))policy_inside((void *)(array), (u64)(i) * sizeof((array)[0]),         \
					    sizeof((array)[0]) * ((n) - 1)))
#endif

/* A variable in a section of its own (bpf_spin_lock and list heads need one); what a list or tree holds. */
#ifndef POLICY_OWN_private
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))
#endif
#ifndef POLICY_OWN___contains
#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))
#endif
#ifndef POLICY_OWN_bpf_obj_new
#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))
#define bpf_obj_drop(object) bpf_obj_drop_impl(object, NULL)
#define bpf_refcount_acquire(object) ((typeof(object))bpf_refcount_acquire_impl(object, NULL))
#define bpf_list_push_front(list, node) bpf_list_push_front_impl(list, node, NULL, 0)
#define bpf_list_push_back(list, node) bpf_list_push_back_impl(list, node, NULL, 0)
#define bpf_rbtree_add(tree, node, less) bpf_rbtree_add_impl(tree, node, less, NULL, 0)
#endif

/* scx keeps what ended a policy under a name of its own; here it is kept by record_exit. */
#ifndef POLICY_OWN_UEI_DEFINE
#define UEI_DEFINE(name) struct policy_exit_record
#define UEI_RECORD(name, info) record_exit(info)
#endif

/* 0 where the kernel has no such enumerator. */
#ifndef POLICY_OWN___COMPAT_ENUM_OR_ZERO
#define __COMPAT_ENUM_OR_ZERO(type, name) (bpf_core_enum_value_exists(type, name) ? (u64)name : 0)
#endif

/* Ends the policy without an error: a restart is asked for with SCX_ECODE_ACT_RESTART, see docs/policies.md. */
#ifndef POLICY_OWN_scx_bpf_exit
#define scx_bpf_exit(code, format, args...)                                                         \
	({                                                                                          \
		static char policy_format[] = format;                                               \
		unsigned long long policy_args[___bpf_narg(args) ?: 1] = {};                        \
		___bpf_fill(policy_args, args);                                                     \
		scx_bpf_exit_bstr(code, policy_format, policy_args, ___bpf_narg(args) * 8);         \
	})
#endif
/* For ops.dump, dump_cpu and dump_task. */
#ifndef POLICY_OWN_scx_bpf_dump
#define scx_bpf_dump(format, args...)                                                               \
	({                                                                                          \
		static char policy_format[] = format;                                               \
		unsigned long long policy_args[___bpf_narg(args) ?: 1] = {};                        \
		___bpf_fill(policy_args, args);                                                     \
		scx_bpf_dump_bstr(policy_format, policy_args, ___bpf_narg(args) * 8);               \
	})
#endif
