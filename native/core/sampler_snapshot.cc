#include "core/sampler_snapshot.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

namespace tunesmith {
namespace {

std::uint64_t key_of(const sampler_row& row) {
  return std::atomic_ref<__u64>(const_cast<__u64&>(row.key)).load(std::memory_order_acquire);
}

/// The row's figures and the cells of its octaves in use; false when it changed hands meanwhile.
bool copy_row(const sampler_row& row, std::uint32_t number, SampledKey& key,
              std::vector<std::uint32_t>& cells) {
  key.key = key_of(row);
  if (key.key == 0 || key.key == SAMPLER_CLAIMED) return false;
  key.born = row.born;
  key.cgroup = row.cgroup;
  key.tid = row.tid;
  key.tgid = row.tgid;
  key.row = number;
  key.exited = row.exited;
  std::memcpy(key.comm, row.comm, sizeof key.comm);
  key.counters = row.counters;
  key.at = static_cast<std::uint32_t>(cells.size());
  for (int m = 0; m < SAMPLER_MEASURES; ++m) {
    key.sum[m] = row.sum[m];
    key.max[m] = row.max[m];
    key.groups[m] = row.touched[m] & ((1u << LL_GROUPS) - 1);
    for (std::uint32_t left = key.groups[m]; left != 0; left &= left - 1) {
      const std::uint32_t* const group = row.cells[m] + LL_STEPS * std::countr_zero(left);
      cells.insert(cells.end(), group, group + LL_STEPS);
    }
  }
  key.ran = row.sum[SAMPLER_SLICE];
  std::atomic_thread_fence(std::memory_order_acquire);
  return key_of(row) == key.key && row.born == key.born;
}

/// All of these are plain sums of whole words.
template <typename T>
void subtract(T& from, const T& what) {
  static_assert(sizeof(T) % 8 == 0);
  auto* to = reinterpret_cast<__u64*>(&from);
  const auto* by = reinterpret_cast<const __u64*>(&what);
  for (std::size_t i = 0; i < sizeof(T) / 8; ++i) to[i] -= by[i];
}

sampler_cpu cpu_difference(const sampler_cpu& now, const sampler_cpu& before) {
  sampler_cpu out = now;
  subtract(out, before);
  out.ignored = now.ignored;
  out.shed = now.shed;
  // A switch in the middle of copying may have hidden what was under way.
  if (now.ran < before.ran) out.ran = 0;
  std::copy(std::begin(now.max), std::end(now.max), out.max);
  return out;
}

void key_difference(const Snapshot& now, const SampledKey& key, const Snapshot& before, const SampledKey* old,
                    Snapshot& out) {
  SampledKey delta = key;
  delta.at = static_cast<std::uint32_t>(out.cells.size());
  if (old != nullptr) {
    subtract(delta.counters, old->counters);
    for (int m = 0; m < SAMPLER_MEASURES; ++m) delta.sum[m] -= old->sum[m];
    delta.ran -= std::min(delta.ran, old->ran);
  }
  const std::uint32_t* from = now.cells.data() + key.at;
  const std::uint32_t* less = old != nullptr ? before.cells.data() + old->at : nullptr;
  for (int m = 0; m < SAMPLER_MEASURES; ++m) {
    for (std::uint32_t left = key.groups[m]; left != 0; left &= left - 1) {
      const bool both = old != nullptr && (old->groups[m] & left & -left) != 0;
      for (int step = 0; step < LL_STEPS; ++step) out.cells.push_back(*from++ - (both ? *less++ : 0));
    }
  }
  const sampler_counters& counted = delta.counters;
  if (counted.voluntary + counted.involuntary + delta.ran > 0)
    out.keys.push_back(delta);
  else
    out.cells.resize(delta.at);
}

}  // namespace

void copy_cpus(std::span<const sampler_cpu> cpus, Snapshot& into) {
  into.cpus.resize(cpus.size());
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    const auto switches = [&] {
      return std::atomic_ref<__u64>(const_cast<__u64&>(cpus[i].events)).load(std::memory_order_acquire);
    };
    // Again when a switch came in between, so that `since`, `ran` and `on_cpu` belong together.
    for (int attempt = 0; attempt < 4; ++attempt) {
      const std::uint64_t before = switches();
      std::memcpy(&into.cpus[i], &cpus[i], sizeof(sampler_cpu));
      std::atomic_thread_fence(std::memory_order_acquire);
      if (switches() == before) break;
    }
  }
}

void add_under_way(Snapshot& into, bool to_rows) {
  for (sampler_cpu& cpu : into.cpus) {
    if (cpu.on_cpu == 0 || cpu.since == 0) continue;
    const std::uint64_t now = into.at_ns - cpu.clock_lag;
    if (static_cast<std::int64_t>(now - cpu.since) <= 0) continue;
    const std::uint64_t lasts = now - cpu.since;
    cpu.ran += lasts;
    if (!to_rows || cpu.shed > 1) continue;
    for (SampledKey& key : into.keys)
      if (key.key == cpu.on_cpu) key.ran += lasts;
  }
}

void copy_rows(std::span<const sampler_row> rows, Snapshot& into) {
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    SampledKey key;
    const std::size_t cells = into.cells.size();
    if (copy_row(rows[i], i, key, into.cells))
      into.keys.push_back(key);
    else
      into.cells.resize(cells);
  }
}

double scaled(const sampler_pmc& pmc) {
  if (pmc.running == 0) return 0;
  return static_cast<double>(pmc.value) * static_cast<double>(pmc.enabled) / static_cast<double>(pmc.running);
}

Snapshot difference(const Snapshot& now, const Snapshot& before) {
  Snapshot out;
  out.at_ns = now.at_ns;
  out.lasted_ns = now.lasted_ns - before.lasted_ns;
  for (std::size_t i = 0; i < now.cpus.size(); ++i)
    out.cpus.push_back(cpu_difference(now.cpus[i], before.cpus.at(i)));
  auto old = before.keys.begin();
  for (const SampledKey& key : now.keys) {
    while (old != before.keys.end() && old->row < key.row) ++old;
    const bool same = old != before.keys.end() && old->row == key.row && old->born == key.born;
    key_difference(now, key, before, same ? &*old : nullptr, out);
  }
  return out;
}

}  // namespace tunesmith
