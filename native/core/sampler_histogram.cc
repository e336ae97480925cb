#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "core/sampler.h"

namespace tunesmith {

std::uint64_t Histogram::low_end(std::size_t cell) {
  if (cell < LL_STEPS) return cell << LL_UNIT_BITS;
  const std::size_t octave = cell / LL_STEPS - 1;
  return (LL_STEPS + cell % LL_STEPS) << (octave + LL_UNIT_BITS);
}

std::uint64_t Histogram::count() const {
  return std::accumulate(cells.begin(), cells.end(), std::uint64_t{0});
}

std::uint64_t Histogram::quantile(double share) const {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const double rank = std::ceil(share * static_cast<double>(total));
  const auto wanted = static_cast<std::uint64_t>(std::clamp(rank, 1.0, static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    seen += cells[cell];
    if (seen < wanted) continue;
    const std::uint64_t middle = (low_end(cell) + low_end(cell + 1)) / 2;
    return std::min(middle, max);
  }
  return max;
}

Histogram Snapshot::overall(sampler_measure measure) const {
  Histogram out;
  for (const sampler_cpu& cpu : cpus) {
    for (std::size_t cell = 0; cell < LL_CELLS; ++cell) out.cells[cell] += cpu.cells[measure][cell];
    out.sum += cpu.sum[measure];
    out.max = std::max<std::uint64_t>(out.max, cpu.max[measure]);
  }
  return out;
}

Histogram Snapshot::of(const SampledKey& key, sampler_measure measure) const {
  Histogram out;
  out.sum = key.sum[measure];
  out.max = key.max[measure];
  std::size_t from = key.at;
  for (int before = 0; before < measure; ++before)
    from += LL_STEPS * static_cast<std::size_t>(std::popcount(key.groups[before]));
  for (std::size_t group = 0; group < LL_GROUPS; ++group) {
    if (!(key.groups[measure] >> group & 1)) continue;
    std::copy_n(cells.begin() + static_cast<std::ptrdiff_t>(from), LL_STEPS,
                out.cells.begin() + static_cast<std::ptrdiff_t>(group * LL_STEPS));
    from += LL_STEPS;
  }
  return out;
}

double Snapshot::own_share(std::size_t cpu) const {
  const sampler_cpu& one = cpus.at(cpu);
  if (one.timed == 0 || lasted_ns == 0) return 0;
  const double each = static_cast<double>(one.timed_ns) / static_cast<double>(one.timed);
  return each * static_cast<double>(one.events) / static_cast<double>(lasted_ns);
}

}  // namespace tunesmith
