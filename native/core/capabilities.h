#pragma once
#include <cstdint>

namespace tunesmith {

/// The effective capability set of the calling thread, bit N being capability N of capabilities(7).
/// Zero when capget(2) itself fails, which the kernel only does for a bad argument.
std::uint64_t effective_capabilities();

}  // namespace tunesmith
