#pragma once
// Latency samples kept raw, so that percentiles are exact (nearest rank), not read off a histogram.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace agent {

using nlohmann::json;

class Samples {
 public:
  explicit Samples(std::size_t reserve = 0) { values_.reserve(reserve); }
  void add(std::uint64_t ns) { values_.push_back(ns); }
  void merge(const Samples& other);
  std::size_t size() const { return values_.size(); }

  /// Writes `<family>_p50_ns` … `_p999_ns`, `_mean_ns`, `_max_ns` and `<family>_samples` into `metrics` and
  /// the distribution into `distributions[family]`: [upper bound, count] rows of a log-linear grid with 16
  /// steps an octave (for drawing only). Without samples only the count is written: a missing figure is
  /// missing.
  void report(const std::string& family, json& metrics, json& distributions);

 private:
  std::vector<std::uint64_t> values_;
};

/// Jain's fairness index of equal tasks' shares, 1/n … 1 (R. Jain et al., DEC-TR-301, 1984).
double jain(const std::vector<double>& shares);

}  // namespace agent
