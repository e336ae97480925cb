#pragma once
// The libbpf of this machine, found at run time, so that a machine without one still loads the addon.
#include <optional>
#include <string>

namespace tunesmith {

struct Libbpf {
  unsigned major = 0;
  unsigned minor = 0;
  std::string path;                 ///< the file that was loaded
  bool updates_struct_ops = false;  ///< has bpf_link__update_map, which .struct_ops.link needs
};

/// Nothing when the dynamic loader finds no libbpf.so.1, or one older than 0.6 that cannot tell its version.
std::optional<Libbpf> find_libbpf();

}  // namespace tunesmith
