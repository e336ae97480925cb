#include "window.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>
#include <stdexcept>

#include "sys.h"

namespace agent {

std::uint64_t Step::param(const char* name) const {
  if (!params.contains(name)) throw std::out_of_range(std::string("parameter missing: ") + name);
  return params.at(name).get<std::uint64_t>();
}

void Window::stop() {
  over_ = 1;
  syscall(SYS_futex, &over_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void Window::sleep_until(std::uint64_t when) const {
  const timespec at{static_cast<time_t>(when / 1000000000u), static_cast<long>(when % 1000000000u)};
  while (!over() && now_ns() < when)
    syscall(SYS_futex, &over_, FUTEX_WAIT_BITSET_PRIVATE, 0, &at, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void Window::open() {
  sleep_until(now_ns() + step_.warmup_ns);
  from_ = reader_.read();
  if (queues_watched()) queues_from_ = read_queues();
  if (latency_watched()) latency_from_ = read_latency();
  recording_ = true;
}

void Window::close() {
  sleep_until(from_.at_ns + step_.window_ns);
  if (latency_watched()) latency_to_ = read_latency();
  if (queues_watched()) queues_to_ = read_queues();
  to_ = reader_.read();
  recording_ = false;
  over_ = 1;
}

void Window::report(Outcome& outcome) const {
  outcome.window_ns = measured_ns();
  report_counters(from_, to_, online_cpus(), outcome.metrics);
  if (queues_watched()) report_queues(queues_from_, queues_to_, outcome.metrics);
  if (latency_watched()) report_latency(latency_from_, latency_to_, outcome.metrics);
}

}  // namespace agent
