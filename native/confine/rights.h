#pragma once

#include "confine/view.h"

namespace confine {

/// Gives up who this is: as root, for a user number that nobody else has (its files are handed over to it),
/// else only every capability. A root without a view of its own keeps its number, for others may not walk to
/// its files; so does one whose files others may not read. Whether the number was changed.
bool drop_identity(const Plan& plan, bool has_view);

/// Resource limits, the alarm clock, and the end of descriptors above the plan's last.
void set_limits(const Plan& plan, bool is_alone);

/// Landlock: the plan's files, no TCP, no signals and no abstract sockets of others. The interface's version,
/// 0 where the kernel has none.
int restrict_files(const Plan& plan);

/// seccomp: no sockets, no new processes, nothing that administers or watches a machine.
bool filter_calls();

}  // namespace confine
