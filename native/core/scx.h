#pragma once
// What the kernel says of sched_ext: /sys/kernel/sched_ext and its own log. Needs neither BPF nor libbpf.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/descriptor.h"

namespace tunesmith {

struct ScxState {
  bool supported = false;  ///< the kernel has sched_ext; everything else is empty when not
  std::string state;       ///< enabling, enabled, disabling, disabled, as the kernel spells it
  std::string ops;         ///< name of the policy in force, else empty
  bool switch_all = false;
  std::uint64_t rejected = 0;                   ///< tasks kept out by policies since boot
  std::map<std::string, std::uint64_t> events;  ///< SCX_EV_* of the policy in force (Linux 6.15)
};

ScxState read_scx();

/// Why a policy ended. Kinds are the kernel's (enum scx_exit_kind).
struct ScxExit {
  int kind = 0;
  std::int64_t code = 0;
  std::string reason;
  std::string message;
  std::string source;  ///< "record" of the policy itself, or "kernel-log"
};

/// The kernel's log from now on, to learn the end of a policy that keeps no record.
class ScxLog {
 public:
  ScxLog();
  /// The latest end of that policy since this was made; nothing when there was none, or the log is not ours
  /// to read.
  std::optional<ScxExit> end_of(const std::string& policy);

 private:
  void read_on();

  Descriptor log_;
  std::string text_;
};

}  // namespace tunesmith
