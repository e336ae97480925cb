#include "samples.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace agent {

void Samples::merge(const Samples& other) {
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
}

/// Smallest grid value that is not below `ns`; 16 steps an octave.
static std::uint64_t grid_bound(std::uint64_t ns) {
  if (ns < 16) return ns;
  const int shift = std::bit_width(ns) - 5;
  const std::uint64_t step = std::uint64_t{1} << shift;
  return (ns + step - 1) / step * step;
}

void Samples::report(const std::string& family, json& metrics, json& distributions) {
  metrics[family + "_samples"] = values_.size();
  if (values_.empty()) return;
  std::sort(values_.begin(), values_.end());
  const std::size_t n = values_.size();
  const auto rank = [&](double share) {
    return values_[static_cast<std::size_t>(std::ceil(share * static_cast<double>(n))) - 1];
  };
  metrics[family + "_p50_ns"] = rank(0.5);
  metrics[family + "_p95_ns"] = rank(0.95);
  metrics[family + "_p99_ns"] = rank(0.99);
  metrics[family + "_p999_ns"] = rank(0.999);
  metrics[family + "_max_ns"] = values_.back();
  std::uint64_t sum = 0;
  for (const std::uint64_t value : values_) sum += value;
  metrics[family + "_mean_ns"] = sum / n;

  json rows = json::array();
  for (std::size_t i = 0; i < n;) {
    const std::uint64_t bound = grid_bound(values_[i]);
    const std::size_t first = i;
    while (i < n && values_[i] <= bound) ++i;
    rows.push_back({bound, i - first});
  }
  distributions[family] = std::move(rows);
}

double jain(const std::vector<double>& shares) {
  double sum = 0, squares = 0;
  for (const double share : shares) {
    sum += share;
    squares += share * share;
  }
  return squares == 0 ? 1 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace agent
