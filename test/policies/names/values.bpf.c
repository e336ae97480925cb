/* Every name of policy_names.bpf.h and policy_constants.bpf.h that has a value: ops.init fails with the number of the
 * first that is not what it should be, so that to be attached is the proof. */
#include "policy.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define IS(number, condition)                                                                       \
	if (!(condition)) {                                                                         \
		wrong = number;                                                                     \
		return -EPROTO;                                                                     \
	}

static u64 wrong;
u64 zero; /* written by nobody, and not known to the compiler */
static u32 cells[4] = {10, 20, 30, 40};
static atomic_t counter;
static atomic64_t wide;
static u64 cell;
UEI_DEFINE(uei);

struct item {
	u64 value;
	struct bpf_list_node node;
	struct bpf_refcount count;
};
struct leaf {
	u64 key;
	struct bpf_rb_node node;
};
private(queue) struct bpf_spin_lock queue_lock;
private(queue) struct bpf_list_head queue __contains(item, node);
private(queue) struct bpf_rb_root tree __contains(leaf, node);
struct pair {
	u64 first;
	u64 seconds[3];
};
static struct pair pairs[2];

static bool __maybe_unused by_key(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct leaf, node)->key < container_of((void *)b, struct leaf, node)->key;
}

static __noinline int arithmetic(void)
{
	const s64 minus = -(s64)zero - 5;
	u64 a = zero + 3, b = zero + 9;

	IS(1, min(a, b) == 3 && max(a, b) == 9 && min(minus, (s64)2) == -5)
	IS(2, min_t(u32, a, b) == 3 && max_t(u32, a, b) == 9)
	IS(3, clamp(a, 4ULL, 8ULL) == 4 && clamp(b, 4ULL, 8ULL) == 8 && clamp_t(s64, minus, -6, 8) == -5)
	IS(4, abs(minus) == 5 && abs((s64)b) == 9)
	swap(a, b);
	IS(5, a == 9 && b == 3)
	IS(6, min(a++, b) == 3 && a == 10) /* once each */
	IS(7, DIV_ROUND_UP(a, b) == 4 && round_up(a, 4) == 12 && round_down(a, 4) == 8)
	IS(8, BIT(3) == 8 && BIT_ULL(40) == 1099511627776ULL && GENMASK_ULL(7, 4) == 0xf0)
	IS(9, ARRAY_SIZE(cells) == 4 && sizeof_field(struct pair, seconds) == 24)
	IS(10, likely(a > b) && !unlikely(a < b))
	IS(11, log2_u32(zero + 1) == 0 && log2_u32(zero + 1025) == 10 && log2_u32(zero) == 0)
	IS(12, log2_u64(zero + 1) == 1 && log2_u64((zero + 1) << 40) == 41)
	IS(13, min(min(a, b), 2ULL) == 2 && max(min(a, 7ULL), b) == 7)
	return 0;
}

static __noinline int times(void)
{
	const u64 early = ~0ULL - 10 + zero, late = zero + 10; /* behind the wrap */

	IS(20, time_before(early, late) && !time_before(late, early) && !time_before(late, late))
	IS(21, time_after(late, early) && !time_after(early, late))
	IS(22, time_after_eq(late, late) && time_before_eq(late, late) && time_before_eq(early, late))
	IS(23, time_in_range(late, early, late) && !time_in_range_open(late, early, late))
	IS(24, time_delta(late, early) == 21 && time_delta(early, late) == 0)
	IS(25, NSEC_PER_MSEC * MSEC_PER_SEC == NSEC_PER_SEC && NSEC_PER_USEC * USEC_PER_SEC == NSEC_PER_SEC)
	IS(26, USEC_PER_MSEC == 1000 && CLOCK_REALTIME == 0 && CLOCK_MONOTONIC == 1 && CLOCK_BOOTTIME == 7)
	return 0;
}

static __noinline int limits(void)
{
	IS(30, U8_MAX == 255 && U16_MAX == 65535 && U32_MAX == 4294967295U && U64_MAX == ~0ULL)
	IS(31, S32_MAX == 2147483647 && S32_MIN < 0 && S64_MAX > 0 && S64_MIN < 0 && S64_MIN + S64_MAX == -1)
	IS(32, INT_MAX == S32_MAX && INT_MIN == S32_MIN && UINT_MAX == U32_MAX && LONG_MAX == S64_MAX)
	IS(33, LONG_MIN == S64_MIN && ULONG_MAX == U64_MAX && LLONG_MAX == S64_MAX && LLONG_MIN == S64_MIN)
	IS(34, ULLONG_MAX == U64_MAX && NUMA_NO_NODE == -1)
	IS(35, NICE_TO_PRIO(0) == DEFAULT_PRIO && PRIO_TO_NICE(139) == MAX_NICE && MIN_NICE == -20)
	IS(36, NICE_WIDTH == 40 && MAX_RT_PRIO == 100 && MAX_PRIO == 140 && SCHED_EXT == 7)
	IS(37, (SCHED_NORMAL | SCHED_FIFO | SCHED_RR | SCHED_BATCH | SCHED_IDLE | SCHED_DEADLINE) == 7)
	return 0;
}

static __noinline int memory(void)
{
	u64 *inside, at = zero + 2;
	u32 *element;

	WRITE_ONCE(cell, 7);
	IS(40, READ_ONCE(cell) == 7)
	IS(41, xchg(&cell, 8) == 7 && cell == 8)
	IS(42, cmpxchg(&cell, 8, 9) == 8 && cmpxchg(&cell, 8, 10) == 9 && cell == 9)
	smp_mb();
	smp_rmb();
	smp_wmb();
	smp_store_release(&cell, 11);
	IS(43, smp_load_acquire(&cell) == 11)
	atomic_set(&counter, 3);
	atomic_inc(&counter);
	atomic_add(4, &counter);
	atomic_sub(2, &counter);
	atomic_dec(&counter);
	IS(44, atomic_fetch_add(1, &counter) == 5 && atomic_read(&counter) == 6)
	atomic64_set(&wide, 1);
	atomic64_inc(&wide);
	atomic64_add(1ULL << 40, &wide);
	atomic64_sub(1, &wide);
	atomic64_dec(&wide);
	IS(45, atomic64_fetch_add(1, &wide) == 1LL << 40 && atomic64_read(&wide) == (1LL << 40) + 1)
	element = MEMBER_VPTR(cells, [at]);
	IS(46, element && *element == 30)
	IS(47, !MEMBER_VPTR(cells, [at + 2]))
	pairs[1].seconds[2] = 77;
	inside = MEMBER_VPTR(pairs, [at - 1].seconds[at]);
	IS(48, inside && *inside == 77)
	element = ARRAY_ELEM_PTR(cells, at + 1, 4);
	IS(49, element && *element == 40 && !ARRAY_ELEM_PTR(cells, at + 2, 4))
	return 0;
}

static __noinline int loops(void)
{
	u64 rounds = zero, more = zero; /* not known to the verifier, or it would follow every round */
	int i;

	while (can_loop)
		if (++rounds >= 1000)
			break;
	IS(50, rounds >= 1000)
	for (i = zero;; i++) {
		cond_break;
		if (i >= 100)
			break;
	}
	IS(51, i >= 100)
	while (more < 10) {
		cond_break_label(spent);
		more++;
	}
spent:
	IS(52, more >= 10)
	bpf_repeat(5) more++;
	bpf_for(i, 0, 5) more++;
	IS(53, more >= 20)
	for (rounds = zero; can_loop;) /* ends by the kernel's own count alone */
		rounds++;
	IS(54, rounds > 1000)
	return 0;
}

static __noinline int objects(void)
{
	struct item *one = bpf_obj_new(struct item), *other;
	struct leaf *leaf = bpf_obj_new(struct leaf);
	struct bpf_list_node *node;
	struct bpf_rb_node *first;
	u64 value = 0;

	if (leaf) {
		bpf_spin_lock(&queue_lock);
		bpf_rbtree_add(&tree, &leaf->node, by_key);
		first = bpf_rbtree_first(&tree);
		if (first)
			first = bpf_rbtree_remove(&tree, first);
		bpf_spin_unlock(&queue_lock);
		if (first)
			bpf_obj_drop(container_of(first, struct leaf, node));
	}
	if (!one)
		return 0;
	one->value = 5;
	other = bpf_refcount_acquire(one);
	bpf_spin_lock(&queue_lock);
	bpf_list_push_back(&queue, &one->node);
	node = bpf_list_pop_front(&queue);
	bpf_spin_unlock(&queue_lock);
	if (node) {
		value = container_of(node, struct item, node)->value;
		bpf_obj_drop(container_of(node, struct item, node));
	}
	bpf_spin_lock(&queue_lock);
	bpf_list_push_front(&queue, &other->node);
	bpf_spin_unlock(&queue_lock);
	IS(60, value == 5)
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(values_init)
{
	s32 err = arithmetic();

	if (!err)
		err = times();
	if (!err)
		err = limits();
	if (!err)
		err = memory();
	if (!err)
		err = loops();
	if (!err)
		err = objects();
	if (wrong)
		scx_bpf_error("value %llu is wrong", wrong);
	return err;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(values_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/* pid 2 is kthreadd, and its children are the kernel's threads */
	const bool kernel = p->pid == 2 || (p->real_parent && p->real_parent->pid == 2);

	if (kernel && !(p->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER)))
		scx_bpf_error("%d is no kernel thread", p->pid);
	if (p->pid == 1 && (p->flags & (PF_KTHREAD | PF_EXITING | PF_WQ_WORKER)))
		scx_bpf_error("init is one");
	if (p->static_prio != NICE_TO_PRIO(0) && PRIO_TO_NICE(p->static_prio) > MAX_NICE)
		scx_bpf_error("nice %d", PRIO_TO_NICE(p->static_prio));
	if (p->__state & ~(TASK_RUNNING | TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_PARKED | TASK_DEAD |
			   TASK_WAKEKILL | TASK_WAKING | TASK_NOLOAD | TASK_NEW | 0xf000))
		scx_bpf_error("state %x", p->__state);
	return 0;
}

void BPF_STRUCT_OPS(values_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = scale_by_task_weight(p, 2 * NSEC_PER_MSEC);

	if (scale_by_task_weight_inverse(p, slice) > 3 * NSEC_PER_MSEC)
		scx_bpf_error("weights");
	if (is_migration_disabled(p) && p->nr_cpus_allowed == 0)
		scx_bpf_error("migration");
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, clamp(slice, (u64)NSEC_PER_MSEC, 8ULL * NSEC_PER_MSEC), enq_flags);
	kick_idle_cpu(p);
}

void BPF_STRUCT_OPS(values_dump, struct scx_dump_ctx *dctx)
{
	scx_bpf_dump("%llu wrong of %d", wrong, 60);
}

s32 BPF_STRUCT_OPS(values_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();
	s32 cpu = prev_cpu;

	if (!mask)
		return cpu;
	bpf_cpumask_set_cpu(prev_cpu, mask);
	if (!bpf_cpumask_test_cpu(prev_cpu, cast_mask(mask)))
		scx_bpf_error("mask");
	bpf_cpumask_release(mask);
	switch (__COMPAT_ENUM_OR_ZERO(enum scx_kick_flags, SCX_KICK_IDLE)) {
	case 0:
		scx_bpf_error("enumerator");
		__attribute__((fallthrough));
	default:
		return cpu;
	}
}

void BPF_STRUCT_OPS_SLEEPABLE(values_cpu_online, s32 cpu)
{
	scx_bpf_exit(SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG, "CPU %d came", cpu);
}
void BPF_STRUCT_OPS_SLEEPABLE(values_cpu_offline, s32 cpu)
{
	scx_bpf_exit(SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG, "CPU %d goes", cpu);
}
void BPF_STRUCT_OPS_SLEEPABLE(values_exit, struct scx_exit_info *ei)
{
	BUILD_BUG_ON(sizeof(struct pair) != 32);
	static_assert(sizeof(u64) == 8, "u64");
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(values_ops, .init = (void *)values_init, .init_task = (void *)values_init_task,
	       .select_cpu = (void *)values_select_cpu, .enqueue = (void *)values_enqueue, .dump = (void *)values_dump,
	       .cpu_online = (void *)values_cpu_online, .cpu_offline = (void *)values_cpu_offline,
	       .exit = (void *)values_exit, .name = "values");
