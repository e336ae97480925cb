// Hogs that never sleep beside one task that wakes up periodically, as cyclictest does: how long does the
// periodic task wait, and what do the hogs get?
#include <atomic>

#include "load.h"
#include "probe.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

struct Hog {
  alignas(64) std::atomic<std::uint64_t> loops{0};
  std::atomic<std::uint64_t> cpu_ns{0};
};

class Mixed : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    std::vector<Hog> hogs(step.param("hogs"));
    const std::uint64_t hog_cpus = step.param("hog_cpus");
    const std::uint64_t chunk = step.param("chunk_loops");
    const std::uint64_t interval = step.param("interval_ns");
    const std::uint64_t work = step.param("work_loops");
    Samples late(step.window_ns / interval + 16);
    Window window(step);
    Crew crew([&] { window.stop(); });
    crew.start(hogs.size(), [&](std::size_t i) {
      if (hog_cpus > 0) keep_to_cpus(0, static_cast<int>(hog_cpus));
      std::uint64_t cpu_before = 0;
      bool counting = false;
      while (!window.over()) {
        burn(chunk);
        const bool recording = window.recording();
        if (recording && !counting) cpu_before = thread_cpu_ns();
        if (recording) hogs[i].loops.fetch_add(chunk, std::memory_order_relaxed);
        counting = recording;
        if (recording) hogs[i].cpu_ns.store(thread_cpu_ns() - cpu_before, std::memory_order_relaxed);
      }
    });
    crew.start(1, [&](std::size_t) { probe_wakeups(window, step.seed, interval, work, late); });
    window.open();
    window.close();
    crew.join();
    late.report("wakeup", outcome.metrics, outcome.distributions);
    report_hogs(hogs, window, outcome.metrics);
    window.report(outcome);
  }

 private:
  static void report_hogs(const std::vector<Hog>& hogs, const Window& window, json& metrics) {
    std::vector<double> shares;
    double loops = 0;
    for (const Hog& hog : hogs) {
      shares.push_back(static_cast<double>(hog.cpu_ns.load()));
      loops += static_cast<double>(hog.loops.load());
    }
    metrics["throughput_per_s"] = loops * 1e9 / static_cast<double>(window.measured_ns());
    if (!shares.empty()) metrics["fairness_jain"] = jain(shares);
  }
};

}  // namespace

std::unique_ptr<Workload> make_mixed() {
  return std::make_unique<Mixed>();
}

}  // namespace agent
