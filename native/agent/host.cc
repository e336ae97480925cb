#include "host.h"

#include <sys/prctl.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "core/sched_attr.h"
#include "latency.h"
#include "load.h"
#include "sys.h"
#include "workload.h"

namespace agent {
namespace {

/// Sets this thread's slice, which threads made later inherit, and checks that the kernel took it. Policy and
/// nice stay what the load was started with: a comparison of slices is one of slices alone.
void set_slice(std::uint64_t slice_ns) {
  const tunesmith::Outcome done = tunesmith::set_slice(0, slice_ns);
  if (!done.ok()) throw std::runtime_error("slice " + std::to_string(slice_ns) + ": " + done.reason);
  const std::uint64_t kept = tunesmith::read_sched(0).slice_ns;
  if (kept != slice_ns)
    throw std::runtime_error("the kernel keeps a slice of " + std::to_string(kept) + " ns instead of " +
                             std::to_string(slice_ns) + "; slices of a task need Linux 6.12 or newer");
}

/// The fastest of several short runs: what the CPU does when nothing else has it.
json calibrate() {
  constexpr std::uint64_t kLoops = 100000;
  std::uint64_t best = UINT64_MAX;
  for (int run = 0; run < 20; ++run) {
    const std::uint64_t before = thread_cpu_ns();
    burn(kLoops);
    best = std::min(best, thread_cpu_ns() - before);
  }
  return {{"loops_per_ms", static_cast<double>(kLoops) * 1e6 / static_cast<double>(best)}};
}

json measure(const json& request) {
  if (request.contains("slice_ns")) set_slice(request.at("slice_ns").get<std::uint64_t>());
  const auto workload = make_workload(request.at("workload").get<std::string>());
  workload->prepare(request.at("params"));
  watch_latency();
  const Step step{request.at("params"), request.at("seed").get<std::uint64_t>(),
                  request.at("warmup_ns").get<std::uint64_t>(), request.at("window_ns").get<std::uint64_t>()};
  Outcome outcome;
  workload->run(step, outcome);
  return {{"metrics", outcome.metrics},
          {"distributions", outcome.distributions},
          {"latency", latency_watched() ? "watched" : why_no_latency()}};
}

json answer(const json& request) {
  const std::string op = request.at("op").get<std::string>();
  if (op == "calibrate") return calibrate();
  if (op == "measure") return measure(request);
  throw std::invalid_argument("unknown op " + op);
}

}  // namespace

int run_on_host() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a load never outlives the one who asked for it
  json reply;
  try {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    reply = answer(json::parse(text));
    reply["ok"] = true;
  } catch (const std::exception& error) {
    reply = {{"ok", false}, {"error", error.what()}};
  }
  std::cout << reply.dump() << '\n' << std::flush;
  return reply.at("ok").get<bool>() ? 0 : 1;
}

}  // namespace agent
