#include "window.h"

#include <stdexcept>

#include "sys.h"

namespace agent {

std::uint64_t Step::param(const char* name) const {
  if (!params.contains(name)) throw std::out_of_range(std::string("parameter missing: ") + name);
  return params.at(name).get<std::uint64_t>();
}

void Window::open() {
  sleep_until_ns(now_ns() + step_.warmup_ns);
  from_ = reader_.read();
  if (queues_watched()) queues_from_ = read_queues();
  if (latency_watched()) latency_from_ = read_latency();
  recording_ = true;
}

void Window::close() {
  sleep_until_ns(from_.at_ns + step_.window_ns);
  if (latency_watched()) latency_to_ = read_latency();
  if (queues_watched()) queues_to_ = read_queues();
  to_ = reader_.read();
  recording_ = false;
  over_ = true;
}

void Window::report(Outcome& outcome) const {
  outcome.window_ns = measured_ns();
  report_counters(from_, to_, online_cpus(), outcome.metrics);
  if (queues_watched()) report_queues(queues_from_, queues_to_, outcome.metrics);
  if (latency_watched()) report_latency(latency_from_, latency_to_, outcome.metrics);
}

}  // namespace agent
