// hackbench of rt-tests: groups of senders and receivers that pass messages through sockets. Rounds of a
// fixed number of messages are run until the window is over; the last one is finished.
#include <string>

#include "process.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

constexpr std::uint64_t kRoundLimitNs = 120'000'000'000;
constexpr std::uint64_t kPairsPerGroup = 20 * 20;  // hackbench's own: 20 senders, each to 20 receivers

class Hackbench : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    const std::uint64_t groups = step.param("groups"), loops = step.param("loops");
    const Command round{{"/usr/bin/hackbench", "-g", std::to_string(groups), "-l", std::to_string(loops)},
                        "/tmp/hackbench.out"};
    Window window(step);
    Samples rounds;
    window.open();
    do {
      const std::uint64_t start = now_ns();
      run_to_end(round, kRoundLimitNs);
      rounds.add(now_ns() - start);
    } while (now_ns() < window.opened_at_ns() + step.window_ns);
    window.close();
    const double messages = static_cast<double>(rounds.size() * groups * kPairsPerGroup * loops);
    outcome.metrics["throughput_per_s"] = messages * 1e9 / static_cast<double>(window.measured_ns());
    rounds.report("round", outcome.metrics, outcome.distributions);
    window.report(outcome);
  }
};

}  // namespace

std::unique_ptr<Workload> make_hackbench() {
  return std::make_unique<Hackbench>();
}

}  // namespace agent
