#include "core/libbpf_api.h"

#include <dlfcn.h>

#include "core/libbpf.h"

namespace tunesmith {
namespace {

/// Every function, or null when the library lacks one.
const LibbpfApi* find_all() {
  const auto library = find_libbpf();
  if (!library || library->major < 1 || (library->major == 1 && library->minor < 4)) return nullptr;
  static LibbpfApi found;
  void* handle = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
#define TUNESMITH_FIND(name)                                                 \
  found.name = reinterpret_cast<decltype(found.name)>(dlsym(handle, #name)); \
  if (found.name == nullptr) return nullptr;
  TUNESMITH_LIBBPF(TUNESMITH_FIND)
#undef TUNESMITH_FIND
  return &found;
}

}  // namespace

const LibbpfApi* libbpf_api() {
  static const LibbpfApi* const found = find_all();
  return found;
}

}  // namespace tunesmith
