#pragma once
#include <span>

#include "core/sampler.h"

namespace tunesmith {

void copy_cpus(std::span<const sampler_cpu> cpus, Snapshot& into);
/// Appends the rows that are in use to `into`.
void copy_rows(std::span<const sampler_row> rows, Snapshot& into);
/// Adds to `ran` of CPUs and, where every interval is measured, rows how long who has a CPU now has had it.
void add_under_way(Snapshot& into, bool to_rows);

}  // namespace tunesmith
