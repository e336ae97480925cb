/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Which cell of a log-linear histogram a value falls into. BPF has no instruction for the highest set bit,
 * and the verifier would walk every way through a search that branches, once for each histogram: so the
 * halvings are counted by arithmetic, and the compiler is kept from making branches of it. */
#pragma once
#include "sampler.h"

/* Halves `v` by 2^by and adds `by` to `group`, when `v` is at least 2^(5 + more). */
#define HALVE(v, group, by, from)                             \
  do {                                                        \
    __u64 is_less = (v) - (1ull << (from)); /* top bit set */ \
    asm volatile("%0 >>= 63\n" : "+r"(is_less));              \
    const __u64 halvings = (is_less ^ 1) * (by);              \
    (v) >>= halvings;                                         \
    (group) += halvings;                                      \
  } while (0)

static __always_inline __u32 cell_of(__u64 ns) {
  __u64 v = ns >> LL_UNIT_BITS;
  if (v > 0xffffffff) v = 0xffffffff;
  __u64 group = 0;
  HALVE(v, group, 16, 21);
  HALVE(v, group, 8, 13);
  HALVE(v, group, 4, 9);
  HALVE(v, group, 2, 7);
  HALVE(v, group, 1, 6);
  HALVE(v, group, 1, 5);
  /* Now v < 32, and at least 16 unless it was less from the start: then it is its own cell. */
  return group * LL_STEPS + v;
}
