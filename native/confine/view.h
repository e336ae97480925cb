#pragma once

#include <string>
#include <vector>

namespace confine {

/// What a program is to have; see main.cc. A limit of 0 is none.
struct Plan {
  std::vector<std::string> read, write;
  std::vector<int> read_fds, write_fds;
  unsigned keep = 2;
  unsigned long cpu_s = 0, memory = 0, output = 0, tasks = 0;
  unsigned wall_s = 0;
  bool batch = false, bare = false, probe = false, no_namespace = false, no_landlock = false;
};

/// What is in force. `landlock` is the version of the kernel's interface, 0 without it.
struct Layers {
  bool namespaces = false, uid = false, calls = false;
  int landlock = 0;
};

/// Enters namespaces of its own (mounts, IPC, network; a user namespace first for who is not root) whose root
/// holds the plan's files and this process's own descriptors, nothing else. False where the machine does not
/// give them; then nothing has changed.
bool enter_view(const Plan& plan);

}  // namespace confine
