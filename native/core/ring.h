#pragma once
// The reading end of a BPF ring buffer, Documentation/bpf/ringbuf.rst: a page with our position, a page with
// the kernel's, then the data twice over, so that no record is ever in two pieces.
#include <cstdint>
#include <functional>

#include "core/shared_memory.h"

namespace tunesmith {

class Ring {
 public:
  Ring() = default;
  /// `bytes` is the map's size, a power of two. When it is not ok(), errno says why.
  Ring(int fd, std::size_t bytes);
  bool ok() const { return consumer_ && producer_; }

  /// Hands over records in order until there are none or `take` says false, which leaves that record where it
  /// is.
  void drain(const std::function<bool(const void* record, std::uint32_t bytes)>& take);

 private:
  SharedMemory consumer_, producer_;
  std::uint64_t mask_ = 0;
};

}  // namespace tunesmith
