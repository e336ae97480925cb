#pragma once
// One measured window: warm-up, counters, measured part, counters.
#include <atomic>
#include <nlohmann/json.hpp>

#include "counters.h"
#include "latency.h"
#include "runq.h"

namespace agent {

using nlohmann::json;

/// What a step asks of a workload. Times in virtual nanoseconds.
struct Step {
  json params;
  std::uint64_t seed = 1;
  std::uint64_t warmup_ns = 0;
  std::uint64_t window_ns = 0;

  /// A parameter as a whole number; throws std::out_of_range naming it when the host left it out.
  std::uint64_t param(const char* name) const;
};

/// What a step came to; `window_ns` is the measured part's length on this kernel's clock.
struct Outcome {
  std::uint64_t window_ns = 0;
  json metrics = json::object();
  json distributions = json::object();
};

class Window {
 public:
  explicit Window(const Step& step) : step_(step) {}

  /// Sleeps through the warm-up, then marks the window open and reads the counters.
  void open();
  /// Sleeps to the window's end (a no-op when it is past), reads the counters, marks the window closed.
  void close();
  /// True while samples count. Read by workload threads.
  bool recording() const { return recording_.load(std::memory_order_relaxed); }
  /// True once workload threads should leave.
  bool over() const { return over_.load(std::memory_order_relaxed) != 0; }
  /// Ends it before its time: `open` and `close` no longer sleep, and there is nothing to report. From any
  /// thread.
  void stop();
  std::uint64_t measured_ns() const { return to_.at_ns - from_.at_ns; }
  std::uint64_t opened_at_ns() const { return from_.at_ns; }
  std::uint64_t closed_at_ns() const { return to_.at_ns; }
  /// The window's length and what the counters say of it; after `close`.
  void report(Outcome& outcome) const;

 private:
  const Step& step_;
  CounterReader reader_;
  Counters from_, to_;
  Queues queues_from_, queues_to_;
  tunesmith::Snapshot latency_from_, latency_to_;
  void sleep_until(std::uint64_t when) const;

  std::atomic<bool> recording_{false};
  std::atomic<std::uint32_t> over_{0};  ///< a futex that open and close sleep on
};

}  // namespace agent
