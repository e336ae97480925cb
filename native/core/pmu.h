#pragma once
// Is there a hardware counter to open? Most virtual machines have none.
#include "core/outcome.h"

namespace tunesmith {

/// Opens a user-space CPU cycle counter on the calling thread and closes it again.
Outcome try_pmu();

}  // namespace tunesmith
