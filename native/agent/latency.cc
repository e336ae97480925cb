#include "latency.h"

#include <memory>

#include "samples.h"

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

}  // namespace

void watch_latency() {
  if (sampler) return;
  try {
    tunesmith::SamplerOptions options;
    options.keys = 512;
    options.tasks = 4096;
    options.budget = 0;  // a trial's figures must not hang on what they cost
    sampler = std::make_unique<tunesmith::Sampler>(options);
    refusal.clear();
  } catch (const tunesmith::SamplerError& error) {
    refusal = error.what();
  }
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
}

}  // namespace agent
