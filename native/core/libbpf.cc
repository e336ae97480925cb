#include "core/libbpf.h"

#include <dlfcn.h>

namespace tunesmith {

std::optional<Libbpf> find_libbpf() {
  // Never closed: libbpf keeps per-process state, and the next caller gets the same handle.
  void* library = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;

  using Number = unsigned int (*)();
  auto major = reinterpret_cast<Number>(dlsym(library, "libbpf_major_version"));
  auto minor = reinterpret_cast<Number>(dlsym(library, "libbpf_minor_version"));
  if (major == nullptr || minor == nullptr) return std::nullopt;

  Libbpf found;
  found.major = major();
  found.minor = minor();
  found.updates_struct_ops = dlsym(library, "bpf_link__update_map") != nullptr;
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(major), &info) != 0 && info.dli_fname != nullptr)
    found.path = info.dli_fname;
  return found;
}

}  // namespace tunesmith
