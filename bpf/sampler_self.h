/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What the sampler itself costs, and what it leaves out when that is more than its budget. */
#pragma once
#include "sampler_tables.h"

#define TIMED_EVERY 256
#define FOREIGN 20000ull /* interrupts are off here: what takes this long is a hypervisor's doing */
#define SHED_WINDOW 100000000ull
#define SHED_ROWS 2
#define SHED_MAX 12

/* The first one too: by it the run queue's clock is known. */
static __always_inline __u64 start_timing(struct sampler_cpu* cpu) {
  return cpu->events % TIMED_EVERY == 1 ? bpf_ktime_get_ns() : 0;
}

/* The CPU changes hands: what the one who had it until now ran is added, whoever it was, so that a CPU's time
 * does not depend on which tasks are looked at. */
static __always_inline void hand_over(struct sampler_cpu* cpu, bool busy, __u64 now, __u64 next,
                                      __u64 timing) {
  if (timing) {
    cpu->clock_lag = timing - now;
    if (!cpu->since) {  // who had it when the sampler was opened began before that
      cpu->since = settings.opened_ns - cpu->clock_lag;
      cpu->on_cpu = busy;
    }
  }
  if (cpu->on_cpu) cpu->ran += now - cpu->since;
  cpu->since = now;
  cpu->on_cpu = next;
}

/* Each CPU judges itself: over the budget for a window, and it leaves out one thing more; under a quarter of
 * it, and one thing comes back. */
static __noinline void stop_timing(struct sampler_cpu* cpu, __u64 from) {
  const __u64 to = bpf_ktime_get_ns();
  const __u64 reading = bpf_ktime_get_ns() - to;  // one clock reading is inside the span
  if (to - from > FOREIGN) return;
  cpu->timed++;
  cpu->timed_ns += to - from > reading ? to - from - reading : 0;
  const __u64 lasted = to - cpu->window_at;
  if (lasted < SHED_WINDOW) return;
  const __u64 timed = cpu->timed - cpu->window_timed;
  const __u64 spent =
      (cpu->timed_ns - cpu->window_timed_ns) * (cpu->events - cpu->window_events) / (timed ? timed : 1);
  const __u64 ppm = spent * 1000000 / lasted;
  if (settings.budget_ppm && ppm > settings.budget_ppm && cpu->shed < SHED_MAX)
    cpu->shed++;
  else if (ppm * 4 < settings.budget_ppm && cpu->shed > 0)
    cpu->shed--;
  cpu->window_at = to;
  cpu->window_events = cpu->events;
  cpu->window_timed = cpu->timed;
  cpu->window_timed_ns = cpu->timed_ns;
}

/* One stay in how many is booked. */
static __always_inline __u32 one_in(const struct sampler_cpu* cpu) {
  const __u64 shed = cpu->shed;
  return shed > SHED_ROWS ? settings.sample_every << (shed - SHED_ROWS & 31) : settings.sample_every;
}
