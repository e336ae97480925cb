#pragma once
// A map of BPF's that this process sees as memory.
#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace tunesmith {

class SharedMemory {
 public:
  SharedMemory() = default;
  /// Maps `size` bytes of `fd`; on failure it is empty and errno is set.
  SharedMemory(int fd, std::size_t size, int protection, off_t from = 0) : size_(size) {
    void* at = mmap(nullptr, size, protection, MAP_SHARED, fd, from);
    at_ = at == MAP_FAILED ? nullptr : at;
  }
  SharedMemory(SharedMemory&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(other.size_) {}
  SharedMemory& operator=(SharedMemory&& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~SharedMemory() {
    if (at_ != nullptr) munmap(at_, size_);
  }

  explicit operator bool() const { return at_ != nullptr; }
  template <typename T>
  T* as(std::size_t offset = 0) const {
    return reinterpret_cast<T*>(static_cast<char*>(at_) + offset);
  }

 private:
  void* at_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tunesmith
