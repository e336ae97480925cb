#include <stdexcept>

#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

/// Nothing but the window: for boot checks, restore benchmarks and idle-soak probes.
class Idle : public Workload {
 public:
  void run(const Step& step, Outcome& outcome) override {
    Window window(step);
    window.open();
    window.close();
    window.report(outcome);
  }
};

}  // namespace

std::unique_ptr<Workload> make_idle() {
  return std::make_unique<Idle>();
}

std::unique_ptr<Workload> make_workload(const std::string& name) {
  if (name == "idle") return make_idle();
  if (name == "wakeup") return make_wakeup();
  if (name == "mixed") return make_mixed();
  if (name == "hackbench") return make_hackbench();
  if (name == "forkstorm") return make_forkstorm();
  if (name == "stressors") return make_stressors();
  if (name == "pgbench") return make_pgbench();
  if (name == "pgbench-bake") return make_pgbench_bake();
  throw std::invalid_argument("the agent has no workload " + name);
}

}  // namespace agent
