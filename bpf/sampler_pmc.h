/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Counters of perf events, which run all the time on every CPU: what they have grown by since the last switch
 * belongs to the task that had the CPU. */
#pragma once
#include <bpf/bpf_helpers.h>

#include "sampler_tables.h"

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);
} pmc_events SEC(".maps");

struct pmc_deltas {
  struct sampler_pmc at[SAMPLER_PMCS];
};

static __always_inline void read_pmc(struct sampler_cpu* cpu, bool busy, struct pmc_deltas* out) {
  const __u32 number = bpf_get_smp_processor_id();
  for (__u32 i = 0; i < SAMPLER_PMCS && i < settings.pmcs; i++) {
    struct sampler_pmc* at = &cpu->pmc_at[i];
    struct sampler_pmc* delta = &out->at[i];
    struct bpf_perf_event_value now = {};
    __builtin_memset(delta, 0, sizeof *delta);
    const long refused =
        cpu->shed || bpf_perf_event_read_value(&pmc_events, i * settings.cpus + number, &now, sizeof now);
    if (!refused && at->enabled) {
      delta->value = now.counter - at->value;
      delta->enabled = now.enabled - at->enabled;
      delta->running = now.running - at->running;
    }
    at->value = now.counter;
    at->enabled = refused ? 0 : now.enabled;
    at->running = now.running;
    if (!busy) continue;
    cpu->counters.pmc[i].value += delta->value;
    cpu->counters.pmc[i].enabled += delta->enabled;
    cpu->counters.pmc[i].running += delta->running;
  }
}
