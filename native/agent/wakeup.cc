// schbench's shape: message threads hand requests to their workers and wake them; a worker does a fixed
// amount of work per request, then asks for the next. Wake-up latency runs from the post to the worker being
// on a CPU, request latency to the end of its work.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "load.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word, int count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void ring(std::atomic<std::uint32_t>& word) {
  word.fetch_add(1);
  futex_wake(word, 1);
}

struct alignas(64) Worker {
  std::atomic<std::uint32_t> posted{0};  ///< counts requests; a futex the worker sleeps on
  std::uint64_t posted_at_ns = 0;        ///< written before `posted`
  std::atomic<bool> asking{true};
  Samples wakeups, requests;
  double cpu_ns = 0;
};

struct alignas(64) Messenger {
  std::atomic<std::uint32_t> asked{0};  ///< a futex the messenger sleeps on
};

class Wakeup : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    const std::size_t messengers = step.param("messengers"), per = step.param("workers");
    std::vector<Messenger> bells(messengers);
    std::vector<Worker> workers(messengers * per);
    const std::uint64_t work = step.param("work_loops"), think = step.param("think_ns");
    Window window(step);
    const auto stop = [&] {
      window.stop();
      for (Messenger& bell : bells) ring(bell.asked);
      for (Worker& worker : workers) ring(worker.posted);
    };
    Crew crew(stop);
    crew.start(workers.size(), [&](std::size_t i) {
      serve(workers[i], bells[i / per], work, think, step.seed * 1000003 + i, window);
    });
    Crew posts(stop);
    posts.start(messengers, [&](std::size_t m) { post(workers.data() + m * per, per, bells[m], window); });
    window.open();
    window.close();
    stop();
    posts.join();
    crew.join();
    report(workers, window, outcome);
  }

 private:
  static void serve(Worker& me, Messenger& bell, std::uint64_t work, std::uint64_t think, std::uint64_t seed,
                    const Window& window) {
    sharpen_timers();
    Random random(seed);
    std::uint32_t seen = 0;
    std::uint64_t cpu_before = 0;
    bool counting = false;
    while (!window.over()) {
      while (me.posted.load() == seen && !window.over()) futex_wait(me.posted, seen);
      const std::uint64_t woke = now_ns();
      seen = me.posted.load();
      if (window.over()) break;
      burn(work);
      const std::uint64_t done = now_ns();
      const bool recording = window.recording();
      if (recording && !counting) cpu_before = thread_cpu_ns();
      counting = recording;
      if (recording) {
        me.wakeups.add(woke - me.posted_at_ns);
        me.requests.add(done - me.posted_at_ns);
        me.cpu_ns = static_cast<double>(thread_cpu_ns() - cpu_before);
      }
      if (think > 0) sleep_until_ns(done + random.exponential(static_cast<double>(think)));
      me.asking.store(true);
      ring(bell.asked);
    }
  }

  static void post(Worker* workers, std::size_t count, Messenger& bell, const Window& window) {
    while (!window.over()) {
      const std::uint32_t seen = bell.asked.load();
      for (std::size_t i = 0; i < count; ++i) {
        if (!workers[i].asking.exchange(false)) continue;
        workers[i].posted_at_ns = now_ns();
        ring(workers[i].posted);
      }
      if (!window.over()) futex_wait(bell.asked, seen);
    }
  }

  static void report(std::vector<Worker>& workers, const Window& window, Outcome& outcome) {
    Samples wakeups, requests;
    std::vector<double> shares;
    for (const Worker& worker : workers) {
      wakeups.merge(worker.wakeups);
      requests.merge(worker.requests);
      shares.push_back(worker.cpu_ns);
    }
    wakeups.report("wakeup", outcome.metrics, outcome.distributions);
    requests.report("request", outcome.metrics, outcome.distributions);
    outcome.metrics["throughput_per_s"] =
        static_cast<double>(requests.size()) * 1e9 / static_cast<double>(window.measured_ns());
    outcome.metrics["fairness_jain"] = jain(shares);
    window.report(outcome);
  }
};

}  // namespace

std::unique_ptr<Workload> make_wakeup() {
  return std::make_unique<Wakeup>();
}

}  // namespace agent
