// Debian's cross compiler brings no libbpf for arm64, so the agents of arm64 guests load no policies.
#include "core/libbpf_api.h"

namespace tunesmith {

const LibbpfApi* libbpf_api() {
  return nullptr;
}

}  // namespace tunesmith
