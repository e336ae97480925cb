#pragma once
// What an undo list may name. A list is a file, and a file can be planted: whatever it says, nothing but a
// knob of Tunesmith's is opened or written.
#include <string>

#include "core/descriptor.h"
#include "deadman/read.h"

namespace deadman {

enum class Kind { file, slice, policy };

/// From now on plain files below that directory count as knobs, too: experiments and tests have theirs there.
void allow_tree(const std::string& root);

/// Whether that could be the place of a knob, by its text alone: a sysctl or a file in debugfs from the
/// catalogue (src/knobs), a cgroup's weight, a task, the number of a policy's enabling.
bool may_be_place(Kind kind, const std::string& place);

/// The knobs that are files, a line each: "sysctl NAME", "debugfs NAME", "cgroup NAME".
std::string known_places();

/// A knob's file, opened for reading and writing. `error`: ENOENT when it is gone, EPERM when it is none of a
/// knob (a link, a device, another file system's).
struct KnobFile {
  tunesmith::Descriptor fd;
  int error = 0;
  /// What tells it from a later one at its path, such as a cgroup's that was removed and made again: the
  /// number of its inode and, where the file system has one, the moment it was made. "-" in /proc, whose
  /// inodes have no lasting numbers and whose sysctls are never made again.
  std::string identity = "-";
};
KnobFile open_knob(const std::string& path);

/// A directory of cgroups, the same way; a descriptor to find others from (O_PATH).
KnobFile open_cgroup(const std::string& path);

}  // namespace deadman
