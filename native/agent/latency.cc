#include "latency.h"

#include <memory>

#include "core/pmu.h"
#include "samples.h"
#include "sys.h"

namespace agent {
namespace {

std::unique_ptr<tunesmith::Sampler> sampler;
std::string refusal = "not asked for";

constexpr std::uint64_t kLeast = 1000000;

/// The agent itself waits for nobody and would count as well served.
std::vector<double> services(const tunesmith::Snapshot& seen) {
  std::vector<double> out;
  for (const tunesmith::SampledKey& task : seen.keys) {
    const std::uint64_t ran = task.sum[SAMPLER_SLICE], waited = task.sum[SAMPLER_LATENCY];
    if (task.tid != 1 && ran + waited >= kLeast)
      out.push_back(static_cast<double>(ran) / static_cast<double>(ran + waited));
  }
  return out;
}

/// What this guest's PMU can say. QEMU's counts instructions of all CPUs together in each CPU's counter, so
/// with more than one there is no telling whose they were; and its stalls are always 0.
std::vector<tunesmith::Pmc> countable() {
  if (!tunesmith::try_pmu().ok()) return {};
  if (present_cpus() > 1) return {tunesmith::Pmc::cycles};
  return {tunesmith::Pmc::cycles, tunesmith::Pmc::instructions};
}

void report_pmcs(const tunesmith::Snapshot& seen, nlohmann::json& metrics) {
  double sums[SAMPLER_PMCS] = {};
  const std::size_t count = sampler->pmcs().size();
  for (const sampler_cpu& cpu : seen.cpus)
    for (std::size_t i = 0; i < count; ++i) sums[i] += tunesmith::scaled(cpu.counters.pmc[i]);
  const double seconds = static_cast<double>(seen.lasted_ns) / 1e9;
  if (count > 0) metrics["cycles_per_s"] = sums[0] / seconds;
  if (count > 1) metrics["instructions_per_s"] = sums[1] / seconds;
  if (count > 1 && sums[0] > 0) metrics["ipc"] = sums[1] / sums[0];
}

}  // namespace

void watch_latency() {
  if (sampler) return;
  try {
    tunesmith::SamplerOptions options;
    options.keys = 512;
    options.tasks = 4096;
    options.pmcs = countable();
    options.budget = 0;  // a trial's figures must not hang on what they cost
    sampler = std::make_unique<tunesmith::Sampler>(options);
    refusal.clear();
  } catch (const tunesmith::SamplerError& error) {
    refusal = error.what();
  }
}

void unwatch_latency() {
  sampler.reset();
  refusal = "switched off";
}

bool latency_watched() {
  return sampler != nullptr;
}

const std::string& why_no_latency() {
  return refusal;
}

tunesmith::Snapshot read_latency() {
  return sampler->snapshot();
}

void report_latency(const tunesmith::Snapshot& from, const tunesmith::Snapshot& to, nlohmann::json& metrics) {
  const tunesmith::Snapshot seen = difference(to, from);
  const tunesmith::Histogram latency = seen.overall(SAMPLER_LATENCY), slice = seen.overall(SAMPLER_SLICE);
  if (const std::uint64_t count = latency.count(); count > 0) {
    metrics["runq_latency_p50_ns"] = latency.quantile(0.5);
    metrics["runq_latency_p99_ns"] = latency.quantile(0.99);
    metrics["runq_latency_p999_ns"] = latency.quantile(0.999);
    metrics["runq_latency_mean_ns"] = latency.sum / count;
  }
  if (slice.count() > 0) {
    metrics["slice_p50_ns"] = slice.quantile(0.5);
    metrics["slice_p99_ns"] = slice.quantile(0.99);
  }
  if (const std::vector<double> shares = services(seen); !shares.empty())
    metrics["service_jain"] = jain(shares);
  report_pmcs(seen, metrics);
}

}  // namespace agent
