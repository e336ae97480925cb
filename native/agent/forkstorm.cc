// stress-ng's fork stressors beside one periodic task: forks a second, and how late a bystander wakes up.
#include <signal.h>

#include <string>

#include "load.h"
#include "probe.h"
#include "process.h"
#include "workload.h"

namespace agent {
namespace {

constexpr std::uint64_t kStopLimitNs = 20'000'000'000;

class Forkstorm : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    const std::uint64_t interval = step.param("interval_ns");
    Samples late(step.window_ns / interval + 16);
    Window window(step);
    Process storm({{"/usr/bin/stress-ng", "--fork", std::to_string(step.param("stressors")), "--timeout", "0",
                    "--no-rand-seed", "--temp-path", "/tmp"},
                   "/tmp/stress-ng.out"});
    Crew crew([&] { window.stop(); });
    crew.start(
        1, [&](std::size_t) { probe_wakeups(window, step.seed, interval, step.param("work_loops"), late); });
    window.open();
    window.close();
    if (!storm.running()) throw std::runtime_error("stress-ng ended early: " + tail_of("/tmp/stress-ng.out"));
    storm.signal(SIGINT);
    storm.wait(kStopLimitNs);
    crew.join();
    late.report("wakeup", outcome.metrics, outcome.distributions);
    window.report(outcome);
    outcome.metrics["throughput_per_s"] = outcome.metrics["forks_per_s"];
  }
};

}  // namespace

std::unique_ptr<Workload> make_forkstorm() {
  return std::make_unique<Forkstorm>();
}

}  // namespace agent
