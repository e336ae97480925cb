#pragma once
#include <span>

#include "core/sampler.h"

namespace tunesmith {

/// Appends the rows that are in use to `into`.
void copy_rows(std::span<const sampler_row> rows, Snapshot& into);

}  // namespace tunesmith
