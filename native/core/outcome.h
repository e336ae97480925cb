#pragma once
// What came of asking the kernel for something.
#include <string>

namespace tunesmith {

/// `error` is an errno value, 0 when it worked; `reason` is a sentence for people, empty when it worked.
struct Outcome {
  int error = 0;
  std::string reason;

  bool ok() const { return error == 0; }
};

/// The kernel's name for an errno value ("EPERM"), or its number when glibc knows none.
std::string errno_name(int error);

}  // namespace tunesmith
