#include "churn.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <string>

#include "load.h"
#include "sys.h"

namespace agent {
namespace {

const std::string kCgroups = "/sys/fs/cgroup/";

/// Calls `act` once a period, from the window's warm-up to its end.
template <typename Act>
void every(const Window& window, std::uint64_t period_ns, Act act) {
  for (std::uint64_t next = now_ns() + period_ns; !window.over(); next += period_ns) {
    sleep_until_ns(next);
    if (window.over()) return;
    act();
    if (now_ns() > next + period_ns) next = now_ns();
  }
}

int any_of(const Victims& victims, Random& random) {
  return victims.empty() ? 0 : victims[random.next() % victims.size()].load();
}

/// A cgroup for threads of this process.
class ThreadGroup {
 public:
  ThreadGroup(const std::string& name, std::uint64_t weight) : dir_(kCgroups + name) {
    if (mkdir(dir_.c_str(), 0755) != 0) fail("make", dir_);
    write_file(dir_ + "/cgroup.type", "threaded");
    write_file(dir_ + "/cpu.weight", std::to_string(weight));
  }
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ~ThreadGroup() {
    try {
      for (const std::string& tid : lines(read_file(dir_ + "/cgroup.threads"))) put(kCgroups, tid);
    } catch (const std::exception&) {  // the group then stays, and so does whoever is in it
    }
    rmdir(dir_.c_str());
  }
  void take(int tid) const { put(dir_ + "/", std::to_string(tid)); }

 private:
  /// A thread that has just ended is no failure.
  static void put(const std::string& dir, const std::string& tid) {
    try {
      write_file(dir + "cgroup.threads", tid);
    } catch (const std::exception&) {
      if (errno != ESRCH) throw;
    }
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      out.push_back(text.substr(at, end - at));
    return out;
  }
  std::string dir_;
};

}  // namespace

void churn_affinity(const Window& window, const Victims& victims, std::uint64_t seed,
                    std::uint64_t period_ns) {
  Random random(seed);
  const std::vector<int> cpus = online_cpu_numbers();
  every(window, period_ns, [&] {
    const int tid = any_of(victims, random);
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpus[random.next() % cpus.size()]), &set);
    for (const int cpu : cpus)
      if (random.next() % 2 == 0) CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (tid != 0 && sched_setaffinity(tid, sizeof set, &set) != 0 && errno != ESRCH)
      fail("set the affinity of", std::to_string(tid));
  });
}

void churn_cgroups(const Window& window, const Victims& victims, std::uint64_t seed,
                   std::uint64_t period_ns) {
  Random random(seed);
  write_file(kCgroups + "cgroup.subtree_control", "+cpu");
  std::unique_ptr<ThreadGroup> last;
  std::uint64_t made = 0;
  every(window, period_ns, [&] {
    auto next = std::make_unique<ThreadGroup>("churn" + std::to_string(++made), 1 + random.next() % 1000);
    for (std::size_t moves = 0; moves < 2; ++moves)
      if (const int tid = any_of(victims, random); tid != 0) next->take(tid);
    last = std::move(next);
  });
}

void churn_cpus(const Window& window, std::uint64_t period_ns) {
  const std::string path = "/sys/devices/system/cpu/cpu" + std::to_string(present_cpus() - 1) + "/online";
  if (!exists(path)) return;
  bool online = true;
  every(window, period_ns, [&] { write_file(path, (online = !online) ? "1" : "0"); });
  if (!online) write_file(path, "1");
}

void hog_in_real_time(const Window& window, std::uint64_t percent) {
  constexpr std::uint64_t kPeriod = 10000000;
  sched_param param{};
  param.sched_priority = 10;
  if (sched_setscheduler(0, SCHED_FIFO, &param) != 0) fail("sched_setscheduler", "real-time hog");
  every(window, kPeriod, [&] {
    const std::uint64_t until = thread_cpu_ns() + kPeriod * percent / 100;
    while (thread_cpu_ns() < until && !window.over()) burn(200);
  });
}

void wake_kernel_workers(const Window& window, std::uint64_t period_ns, Samples& took) {
  every(window, period_ns, [&] {
    const std::uint64_t from = now_ns();
    write_file("/proc/sys/vm/stat_refresh", "1");
    if (window.recording()) took.add(now_ns() - from);
  });
}

}  // namespace agent
