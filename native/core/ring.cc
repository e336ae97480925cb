#include "core/ring.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <atomic>

namespace tunesmith {

Ring::Ring(int fd, std::size_t bytes) : mask_(bytes - 1) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  consumer_ = SharedMemory(fd, page, PROT_READ | PROT_WRITE);
  producer_ = SharedMemory(fd, page + 2 * bytes, PROT_READ, static_cast<off_t>(page));
}

void Ring::drain(const std::function<bool(const void*, std::uint32_t)>& take) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::atomic_ref<std::uint64_t> ours(*consumer_.as<std::uint64_t>());
  const std::atomic_ref<std::uint64_t> theirs(*producer_.as<std::uint64_t>());
  const char* const data = producer_.as<const char>(page);
  std::uint64_t at = ours.load(std::memory_order_relaxed);
  while (at < theirs.load(std::memory_order_acquire)) {
    auto* const header = reinterpret_cast<std::uint32_t*>(const_cast<char*>(data + (at & mask_)));
    const std::uint32_t length = std::atomic_ref<std::uint32_t>(*header).load(std::memory_order_acquire);
    if (length & BPF_RINGBUF_BUSY_BIT) return;
    const std::uint32_t bytes = length & ~BPF_RINGBUF_DISCARD_BIT;
    const bool discarded = length & BPF_RINGBUF_DISCARD_BIT;
    if (!discarded && !take(reinterpret_cast<const char*>(header) + BPF_RINGBUF_HDR_SZ, bytes)) return;
    at += (bytes + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
    ours.store(at, std::memory_order_release);
  }
}

}  // namespace tunesmith
