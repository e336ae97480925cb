#include "load.h"

#include <sys/prctl.h>
#include <time.h>

#include <cmath>
#include <utility>

namespace agent {

// Unrolled, because an emulated CPU pays for every jump: 16 links of three instructions an iteration.
void burn(std::uint64_t iterations) {
  std::uint64_t x = iterations | 1;
  for (std::uint64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 16
    for (int link = 0; link < 16; ++link) {
      x ^= x << 13;
      asm volatile("" : "+r"(x));
    }
  }
}

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t Random::exponential(double mean) {
  const double uniform = (static_cast<double>(next() >> 11) + 1) * 0x1p-53;
  return static_cast<std::uint64_t>(-mean * std::log(uniform));
}

std::uint64_t thread_cpu_ns() {
  timespec spent;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<std::uint64_t>(spent.tv_sec) * 1000000000u + static_cast<std::uint64_t>(spent.tv_nsec);
}

void sharpen_timers() {
  prctl(PR_SET_TIMERSLACK, 1);
}

void Crew::run(const std::function<void(std::size_t)>& body, std::size_t index) {
  try {
    body(index);
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    stop_();
  }
}

void Crew::start(std::size_t count, const std::function<void(std::size_t)>& body) {
  for (std::size_t i = 0; i < count; ++i)
    threads_.emplace_back([this, body, index = threads_.size()] { run(body, index); });
}

void Crew::wait() {
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
  threads_.clear();
}

void Crew::join() {
  wait();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

Crew::~Crew() {
  if (!threads_.empty()) stop_();
  wait();
}

}  // namespace agent
