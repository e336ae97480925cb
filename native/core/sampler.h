#pragma once
// Per-task scheduling latency, time on and off the CPU, switches and hardware counters from
// bpf/sampler.bpf.c: open, look, close. Free of Node, so the lab's agent and the addon share it. Times in ns.
//
// Thread safety: one thread at a time may use a Sampler; different ones are independent. Nothing here calls
// back.
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../bpf/sampler.h"

namespace tunesmith {

/// What rows are kept for.
enum class By : std::uint32_t { nothing, task, process, cgroup };

/// Whose directories `By::cgroup` goes by: the hierarchy of the cpu controller, or one by version.
enum class Hierarchy : std::uint32_t { automatic, v1, v2 };

/// Where figures come from: the kernel's sched_info (one hook, no clock reading), or stamps of our own for
/// kernels built without it (three hooks).
enum class Source : std::uint32_t { automatic, sched_info, stamps };

/// What may be counted per key. The last three are the kernel's own and need no PMU.
enum class Pmc : std::uint32_t {
  cycles,
  instructions,
  cache_references,
  cache_misses,
  branch_misses,
  stalled_cycles,
  cpu_clock,
  page_faults,
  major_faults,
};
/// "cycles", "instructions", "cache-references" … as perf spells them.
const char* name_of(Pmc pmc);
bool is_hardware(Pmc pmc);

struct SamplerOptions {
  By by = By::task;
  Source source = Source::automatic;
  Hierarchy hierarchy = Hierarchy::automatic;  ///< without `cgroup`; with it, that directory's
  std::uint32_t keys = 2048;                   ///< rows, 4 to 65536, rounded up to a power of two
  std::uint32_t tasks = 16384;                 ///< tasks followed at once, 4 to 1048576, rounded likewise
  std::uint32_t sample_every = 1;      ///< measure one stay of a task on a CPU in so many, 1 to 1000000
  double budget = 0.01;                ///< of each CPU's time, 0 to 1; 0: no limit
  std::uint64_t outlier_ns = 0;        ///< report waits of at least this; 0: none
  std::uint32_t ring_bytes = 1 << 20;  ///< for outliers, 4096 to 1 GiB, rounded up to a power of two
  /// Only these (tgid, in this process's PID namespace), at most 8; empty: all.
  std::vector<std::uint32_t> processes;
  std::vector<std::uint32_t> cpus;  ///< only switches on these; empty: all
  std::string cgroup;  ///< only tasks in or below it: a directory of cgroup v2 or v1's cpu controller
  /// At most 6. When the machine has no PMU, hardware ones are left out and the kernel's own counted instead.
  std::vector<Pmc> pmcs;
};

/// What went wrong: a stable code, the errno value (0: none) and the way out.
class SamplerError : public std::runtime_error {
 public:
  SamplerError(std::string code, const std::string& what, int error, std::string hint);
  /// "bad-option", "no-permission", "no-btf", "no-memory", "refused" (by the verifier or an old kernel),
  /// "system".
  const std::string& code() const { return code_; }
  int error() const { return error_; }
  const std::string& hint() const { return hint_; }

 private:
  std::string code_;
  int error_;
  std::string hint_;
};

/// A log-linear histogram: cell c holds values from low_end(c) up to low_end(c + 1), 16 to the octave.
struct Histogram {
  std::array<std::uint64_t, LL_CELLS> cells{};
  std::uint64_t sum = 0;  ///< of the values themselves
  std::uint64_t max = 0;  ///< since the sampler was opened, in a difference too

  static std::uint64_t low_end(std::size_t cell);
  std::uint64_t count() const;
  /// Nearest rank, the middle of its cell but no more than max: within 3.2 % (8 ns below 256 ns). 0 when
  /// empty.
  std::uint64_t quantile(double share) const;
};

/// One key's row. Plain data: vectors of it can be handed on as bytes.
struct SampledKey {
  std::uint64_t key =
      0;  ///< tasks, processes: start time << 22 | number; cgroups: id, the directory's inode number
  std::uint64_t born = 0;    ///< tells two rows of one key apart when it was evicted in between
  std::uint64_t cgroup = 0;  ///< of the task met first
  /// Of the task or process (of a cgroup: of the task met first), in this process's PID namespace; 0: not in
  /// it.
  std::uint32_t tid = 0, tgid = 0;
  std::uint32_t row = 0;
  std::uint32_t exited = 0;      ///< 1: the task is gone
  char comm[SAMPLER_COMM] = {};  ///< at present, of a cgroup's row that of the task met first; any bytes
  /// On a CPU, ns: sum[SAMPLER_SLICE] and what is under way.
  std::uint64_t ran = 0;
  sampler_counters counters = {};
  std::uint64_t sum[SAMPLER_MEASURES] = {}, max[SAMPLER_MEASURES] = {};
  /// Octaves that have counts; their LL_STEPS cells each follow one another in Snapshot::cells from `at` on,
  /// measure by measure.
  std::uint32_t groups[SAMPLER_MEASURES] = {};
  std::uint32_t at = 0;
};

/// What a counter would have come to had it counted all the time: with more events than the CPU has counters
/// the kernel lets them take turns (`running` is less than `enabled` then). 0 when it never ran.
double scaled(const sampler_pmc& pmc);

/// An account since the sampler was opened. A key that changes hands at this moment is left out; one that is
/// booked to at this moment may show a stay in one figure and not yet in another.
struct Snapshot {
  std::uint64_t at_ns = 0;      ///< CLOCK_MONOTONIC
  std::uint64_t lasted_ns = 0;  ///< since the sampler was opened, or in a difference since the earlier one
  /// By number, possible CPUs. `ran` counts what is under way too.
  std::vector<sampler_cpu> cpus;
  std::vector<SampledKey> keys;  ///< by row
  std::vector<std::uint32_t> cells;

  /// All CPUs.
  Histogram overall(sampler_measure measure) const;
  Histogram of(const SampledKey& key, sampler_measure measure) const;
  /// The programs' own share of a CPU's time, 0..1, from one event in 256; without the kernel's way to the
  /// hook.
  double own_share(std::size_t cpu) const;
};

/// What happened from `before` to `now`, of the same sampler. Keys that neither ran nor switched are left
/// out.
Snapshot difference(const Snapshot& now, const Snapshot& before);

class Sampler {
 public:
  /// Loads and attaches. @throws SamplerError
  explicit Sampler(const SamplerOptions& options);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Reads shared memory; the clock is the one thing it asks for. Before Linux 6.18 the first one after a
  /// quota held a task attaches one more hook, which tells such waits of tasks that wake up.
  Snapshot snapshot() const;
  /// Takes outliers that wait, at most as many as fit; returns how many. Never blocks.
  std::size_t outliers(std::span<sampler_event> into);
  /// Becomes readable, for poll(2) and epoll(7), when outliers wait. -1 when none were asked for.
  int outlier_fd() const;

  /// As asked for, with what was chosen or rounded filled in: source, keys, tasks, ring_bytes.
  const SamplerOptions& options() const;
  /// What is really counted, in the order of sampler_counters::pmc.
  const std::vector<Pmc>& pmcs() const;
  /// Why hardware events that were asked for are not counted; empty when they are.
  const std::string& pmc_refusal() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tunesmith
