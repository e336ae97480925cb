// What breaks a scheduler that only looks right: any mix of hogs of two weights, periodic tasks, forks and
// churn (churn.h), with the longest time anybody waited.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "churn.h"
#include "load.h"
#include "probe.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

struct alignas(64) Hog {
  std::uint64_t loops = 0, cpu_ns = 0, longest_gap_ns = 0;
};

struct Forks {
  std::atomic<std::uint64_t> made{0}, failed{0};
};

std::uint64_t free_kib() {
  const std::string text = read_file("/proc/meminfo"), name = "MemFree:";
  return std::strtoull(text.c_str() + text.find(name) + name.size(), nullptr, 10);
}

class Stressors : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    const std::uint64_t churn = step.param("churn_ns"), interval = step.param("interval_ns");
    std::vector<Hog> hogs(step.param("hogs"));
    std::vector<Samples> late(step.param("wakers"));
    Victims victims(hogs.size());
    Samples kernel_work;
    Forks forks;
    Window window(step);
    const auto stop = [&] { window.stop(); };
    Crew burning(stop), waking(stop), forking(stop), rest(stop);
    burning.start(hogs.size(), [&](std::size_t i) { burn_on(window, step, i, hogs[i], victims[i]); });
    waking.start(late.size(), [&](std::size_t i) {
      if (const int cpus = static_cast<int>(step.param("pinned")); cpus != 0)
        keep_to_cpus(static_cast<int>(i), cpus);
      probe_wakeups(window, step.seed * 1000003 + i, interval, step.param("work_loops"), late[i]);
    });
    forking.start(step.param("forkers"), [&](std::size_t) { fork_on(window, forks); });
    const auto also = [&](const char* name, auto body) {
      if (step.param(name) != 0) rest.start(1, [body](std::size_t) { body(); });
    };
    also("affinity", [&] { churn_affinity(window, victims, step.seed, churn); });
    also("cgroups", [&] { churn_cgroups(window, victims, step.seed, churn); });
    also("hotplug", [&] { churn_cpus(window, churn); });
    also("rt_percent", [&] { hog_in_real_time(window, step.param("rt_percent")); });
    also("kernel_work", [&] { wake_kernel_workers(window, churn, kernel_work); });
    window.open();
    const std::uint64_t free_before = free_kib();
    window.close();
    const std::uint64_t free_after = free_kib();
    for (Crew* crew : {&rest, &forking, &waking, &burning}) crew->join();

    json& metrics = outcome.metrics;
    window.report(outcome);
    Samples wakeups;
    for (const Samples& samples : late) wakeups.merge(samples);
    if (!late.empty()) wakeups.report("wakeup", metrics, outcome.distributions);
    if (step.param("kernel_work") != 0) kernel_work.report("kthread", metrics, outcome.distributions);
    report_hogs(hogs, step.param("nice") != 0, window, metrics);
    if (step.param("forkers") != 0) {
      metrics["fork_errors"] = forks.failed.load();
      metrics["forks_made"] = forks.made.load();
    }
    metrics["memory_taken_bytes"] = 1024 * (free_before > free_after ? free_before - free_after : 0);
  }

 private:
  static void burn_on(const Window& window, const Step& step, std::size_t index, Hog& me,
                      std::atomic<int>& tid) {
    tid = gettid();
    if (index % 2 == 1) setpriority(PRIO_PROCESS, 0, static_cast<int>(step.param("nice")));
    if (index % 2 == 1) sleep_until_ns(now_ns() + step.param("late_ns"));
    const std::uint64_t from = now_ns();
    std::uint64_t cpu_before = 0, last = 0;
    while (!window.over()) {
      burn(200);
      if (!window.recording()) continue;
      const std::uint64_t now = now_ns();
      if (last == 0) {
        cpu_before = thread_cpu_ns();
        last = std::max(window.opened_at_ns(), from);
      }
      me.longest_gap_ns = std::max(me.longest_gap_ns, now - last);
      me.cpu_ns = thread_cpu_ns() - cpu_before;
      me.loops += 200;
      last = now;
    }
    const std::uint64_t end = window.closed_at_ns();
    const std::uint64_t since = last == 0 ? std::max(window.opened_at_ns(), from) : last;
    me.longest_gap_ns = std::max(me.longest_gap_ns, end - std::min(since, end));
    tid = 0;
  }

  static void fork_on(const Window& window, Forks& forks) {
    while (!window.over()) {
      const pid_t child = fork();
      if (child == 0) _exit(0);
      if (child > 0) waitpid(child, nullptr, 0);
      if (child < 0) sleep_until_ns(now_ns() + 1000000);
      if (window.recording()) (child > 0 ? forks.made : forks.failed).fetch_add(1);
    }
  }

  /// Hogs of even number have nice 0; those of odd number the asked one.
  static void report_hogs(const std::vector<Hog>& hogs, bool weighted, const Window& window, json& metrics) {
    if (hogs.empty()) return;
    std::vector<double> plain, niced;
    double loops = 0, longest = 0;
    for (std::size_t i = 0; i < hogs.size(); ++i) {
      (weighted && i % 2 == 1 ? niced : plain).push_back(static_cast<double>(hogs[i].cpu_ns));
      loops += static_cast<double>(hogs[i].loops);
      longest = std::max(longest, static_cast<double>(hogs[i].longest_gap_ns));
    }
    metrics["throughput_per_s"] = loops * 1e9 / static_cast<double>(window.measured_ns());
    metrics["longest_wait_ns"] = longest;
    metrics["fairness_jain"] = jain(plain);
    if (niced.empty()) return;
    double of_plain = 0, of_niced = 0;
    for (const double ns : plain) of_plain += ns;
    for (const double ns : niced) of_niced += ns;
    metrics["weight_ratio"] = of_plain / std::max(of_niced, 1.0);
  }
};

}  // namespace

std::unique_ptr<Workload> make_stressors() {
  return std::make_unique<Stressors>();
}

}  // namespace agent
