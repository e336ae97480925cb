#include "core/outcome.h"

#include <cstring>

namespace tunesmith {

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name == nullptr ? std::to_string(error) : name;
}

}  // namespace tunesmith
