#pragma once
// A load the agent can run. `prepare` happens once, before the snapshot; `run` once per step, after it.
#include <memory>
#include <string>

#include "samples.h"
#include "window.h"

namespace agent {

class Workload {
 public:
  virtual ~Workload() = default;
  virtual void prepare(const json& params) { (void)params; }
  virtual void run(const Step& step, Outcome& outcome) = 0;
};

/// The workload of that name; throws std::invalid_argument when there is none.
std::unique_ptr<Workload> make_workload(const std::string& name);

std::unique_ptr<Workload> make_idle();
std::unique_ptr<Workload> make_wakeup();
std::unique_ptr<Workload> make_mixed();
std::unique_ptr<Workload> make_hackbench();
std::unique_ptr<Workload> make_forkstorm();
std::unique_ptr<Workload> make_stressors();
std::unique_ptr<Workload> make_pgbench();
std::unique_ptr<Workload> make_pgbench_bake();

}  // namespace agent
