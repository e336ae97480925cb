#include "count.h"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "core/sampler.h"
#include "latency.h"
#include "load.h"
#include "sys.h"

namespace agent {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLoop = 64;  // instructions a turn: 62, a countdown and a jump back

void run_instructions(std::uint64_t turns) {
#ifdef __aarch64__
  asm volatile("1:\n\t.rept 62\n\tnop\n\t.endr\n\tsubs %0, %0, #1\n\tb.ne 1b" : "+r"(turns) : : "cc");
#else
  asm volatile("1:\n\t.rept 62\n\tnop\n\t.endr\n\tdec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
#endif
}

const tunesmith::SampledKey& row_of(const tunesmith::Snapshot& seen, std::uint32_t tid) {
  const auto row =
      std::find_if(seen.keys.begin(), seen.keys.end(), [&](const auto& k) { return k.tid == tid; });
  if (row == seen.keys.end()) throw std::runtime_error("count: a task was not sampled");
  return *row;
}

void nap() {
  sleep_until_ns(now_ns() + 10000000);
}

}  // namespace

json count_loops(const json& request) {
  using tunesmith::Pmc;
  const std::uint64_t most = request.at("instructions").get<std::uint64_t>();
  const int cpu = request.value("cpu", -1);
  std::vector<std::uint32_t> tids(request.at("tasks").get<std::size_t>());
  tunesmith::SamplerOptions options;
  options.budget = 0;
  options.pmcs = {Pmc::cycles, Pmc::instructions, Pmc::stalled_cycles};
  const tunesmith::Sampler sampler(options);
  const tunesmith::Snapshot before = sampler.snapshot(), all_before = read_latency();
  Crew crew([] {});  // each body counts so far and no further
  crew.start(tids.size(), [&](std::size_t i) {
    tids[i] = static_cast<std::uint32_t>(gettid());
    if (cpu >= 0) pin_to_cpu(cpu);
    run_instructions((i + 1) * most / kLoop);
  });
  crew.join();
  nap();  // a task is booked when it has left its CPU, after its join
  const tunesmith::Snapshot seen = difference(sampler.snapshot(), before);

  json names = json::array(), tasks = json::array(), metrics = json::object();
  report_latency(all_before, read_latency(), metrics);
  for (const Pmc pmc : sampler.pmcs()) names.push_back(tunesmith::name_of(pmc));
  for (std::size_t i = 0; i < tids.size(); ++i) {
    const tunesmith::SampledKey& row = row_of(seen, tids[i]);
    json counted = json::object();
    for (std::size_t c = 0; c < names.size(); ++c) counted[names[c]] = tunesmith::scaled(row.counters.pmc[c]);
    tasks.push_back({{"instructions", (i + 1) * most / kLoop * kLoop}, {"counted", counted}});
  }
  return {{"pmcs", names}, {"refusal", sampler.pmc_refusal()}, {"tasks", tasks}, {"metrics", metrics}};
}

}  // namespace agent
