#pragma once
// Slices of tasks for JavaScript.
#include <napi.h>

namespace tunesmith {

/// Adds to the addon's exports:
///   readSched(tid) => Outcome & {policy, nice, flags, sliceNs}
///   setSlice(tid, sliceNs) => Outcome
///   probeSlices() => Outcome & {baseNs}
///   sliceBases(file) => number[]
void add_sched_attr(Napi::Env env, Napi::Object exports);

}  // namespace tunesmith
