#pragma once
// What every workload shares: threads of the normal class, a seeded generator, a unit of pure CPU work.
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace agent {

/// Runs `iterations` of a dependent integer chain, 50 instructions each (0.1 µs at 500 MIPS): work that no
/// cache, memory or compiler can shorten, so one count means one amount of CPU everywhere.
void burn(std::uint64_t iterations);

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, seeded, good enough for arrival times.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// Exponentially distributed with the given mean, in whole units.
  std::uint64_t exponential(double mean);

 private:
  std::uint64_t state_;
};

/// CPU time of the calling thread, ns.
std::uint64_t thread_cpu_ns();

/// Timer slack of 1 ns for the calling thread, so that sleeps end when they say.
void sharpen_timers();

/// Threads that run `body(index)`. What one of them throws ends them all and reaches whoever joins.
class Crew {
 public:
  /// `stop` makes every body return soon, wherever it is; it may be called several times and from any thread.
  explicit Crew(std::function<void()> stop) : stop_(std::move(stop)) {}
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  void start(std::size_t count, const std::function<void(std::size_t)>& body);
  /// Waits until all bodies have returned; rethrows what the first one threw.
  void join();
  /// Of a crew that was not joined: stops it first.
  ~Crew();

 private:
  void run(const std::function<void(std::size_t)>& body, std::size_t index);
  void wait();

  std::function<void()> stop_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace agent
