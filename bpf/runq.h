/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What runq.bpf.c keeps and user space reads. Times in ns of CLOCK_MONOTONIC. */
#pragma once

struct runq_state {
  /* The state in force since `at`. */
  unsigned long long at;
  unsigned long long queued;   /* tasks waiting behind a running one, all CPUs */
  unsigned long long stranded; /* 1 while a CPU has nothing to do and another has a task waiting */
  /* Sums up to `at`. */
  unsigned long long queued_ns;
  unsigned long long stranded_ns;
};
