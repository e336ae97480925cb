#include "addon/sampler_layout.h"

#include <cstddef>

#include "core/sampler.h"

namespace tunesmith {
namespace {

using Entries = std::initializer_list<std::pair<const char*, std::size_t>>;

Napi::Object numbers(Napi::Env env, Entries entries) {
  Napi::Object out = Napi::Object::New(env);
  for (const auto& [name, value] : entries) out[name] = Napi::Number::New(env, static_cast<double>(value));
  return out;
}

}  // namespace

#define AT(type, name, field) \
  { name, offsetof(type, field) }

Napi::Object sampler_layout(Napi::Env env) {
  Napi::Object out = numbers(env, {{"steps", LL_STEPS},
                                   {"cells", LL_CELLS},
                                   {"unitBits", LL_UNIT_BITS},
                                   {"comm", SAMPLER_COMM},
                                   {"pmcs", SAMPLER_PMCS}});
  out["counters"] = numbers(
      env, {AT(sampler_counters, "voluntary", voluntary), AT(sampler_counters, "involuntary", involuntary),
            AT(sampler_counters, "wakeups", wakeups), AT(sampler_counters, "migrations", migrations),
            AT(sampler_counters, "throttles", throttles), AT(sampler_counters, "throttledNs", throttled_ns),
            AT(sampler_counters, "pmc", pmc)});
  out["key"] = numbers(env, {{"size", sizeof(SampledKey)},
                             AT(SampledKey, "key", key),
                             AT(SampledKey, "born", born),
                             AT(SampledKey, "cgroup", cgroup),
                             AT(SampledKey, "tid", tid),
                             AT(SampledKey, "tgid", tgid),
                             AT(SampledKey, "exited", exited),
                             AT(SampledKey, "comm", comm),
                             AT(SampledKey, "ran", ran),
                             AT(SampledKey, "counters", counters),
                             AT(SampledKey, "sum", sum),
                             AT(SampledKey, "max", max),
                             AT(SampledKey, "groups", groups),
                             AT(SampledKey, "at", at)});
  out["cpu"] = numbers(env, {{"size", sizeof(sampler_cpu)},
                             AT(sampler_cpu, "events", events),
                             AT(sampler_cpu, "ran", ran),
                             AT(sampler_cpu, "booked", booked),
                             AT(sampler_cpu, "skipped", skipped),
                             AT(sampler_cpu, "rowless", rowless),
                             AT(sampler_cpu, "evicted", evicted),
                             AT(sampler_cpu, "retired", retired),
                             AT(sampler_cpu, "forgotten", forgotten),
                             AT(sampler_cpu, "wrapped", wrapped),
                             AT(sampler_cpu, "lost", lost),
                             AT(sampler_cpu, "timed", timed),
                             AT(sampler_cpu, "timedNs", timed_ns),
                             AT(sampler_cpu, "shed", shed),
                             AT(sampler_cpu, "counters", counters),
                             AT(sampler_cpu, "sum", sum),
                             AT(sampler_cpu, "max", max),
                             AT(sampler_cpu, "cells", cells)});
  out["event"] = numbers(env, {{"size", sizeof(sampler_event)},
                               AT(sampler_event, "at", at),
                               AT(sampler_event, "latency", latency),
                               AT(sampler_event, "throttled", throttled),
                               AT(sampler_event, "ran", ran),
                               AT(sampler_event, "tid", tid),
                               AT(sampler_event, "tgid", tgid),
                               AT(sampler_event, "cpu", cpu),
                               AT(sampler_event, "waker", waker),
                               AT(sampler_event, "beforeTid", before_tid),
                               AT(sampler_event, "comm", comm),
                               AT(sampler_event, "wakerComm", waker_comm),
                               AT(sampler_event, "beforeComm", before_comm)});
  return out;
}

}  // namespace tunesmith
