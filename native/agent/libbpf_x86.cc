// libbpf is linked into the agent, which finds no libraries in a guest.
#include "core/libbpf_api.h"

/// Debian's libelf.a of elfutils 0.192 leaves out the tree it keeps raw chunks in. libbpf asks for no raw
/// chunk, so the tree stays empty; a libelf that has its own takes precedence over these.
extern "C" {
__attribute__((weak)) void eu_search_tree_init(void*, int (*)(const void*, const void*)) {}
__attribute__((weak)) void eu_search_tree_fini(void*, void (*)(void*)) {}
}

namespace tunesmith {

const LibbpfApi* libbpf_api() {
  static const LibbpfApi linked = {
#define TUNESMITH_LINKED(name) ::name,
      TUNESMITH_LIBBPF(TUNESMITH_LINKED)
#undef TUNESMITH_LINKED
  };
  return &linked;
}

}  // namespace tunesmith
