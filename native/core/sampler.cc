#include "core/sampler.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "core/btf.h"
#include "core/descriptor.h"
#include "core/ring.h"
#include "core/sampler_object.h"
#include "core/sampler_pmc.h"
#include "core/sampler_settings.h"
#include "core/sampler_snapshot.h"
#include "core/shared_memory.h"

namespace tunesmith {
namespace {

struct FreeObject {
  void operator()(sampler_object* object) const { sampler_object_free(object); }
};
using Object = std::unique_ptr<sampler_object, FreeObject>;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000 + static_cast<std::uint64_t>(now.tv_nsec);
}

[[noreturn]] void fail(const std::string& what, int error) {
  const std::string said = what + ": " + std::strerror(error);
  switch (error) {
    case EPERM:
    case EACCES:
      throw SamplerError(
          "no-permission", said, error,
          "needs CAP_BPF and CAP_PERFMON (or root), outside a container that filters bpf(2), and a "
          "kernel that is not locked down");
    case ENOMEM:
    case E2BIG:
      throw SamplerError("no-memory", said, error, "ask for fewer keys or tasks, or a smaller ring");
    default:
      break;
  }
  const Btf btf = read_btf("/sys/kernel/btf/vmlinux");
  if (!btf.outcome.ok())
    throw SamplerError("no-btf", said, error, "the kernel has to describe its types: CONFIG_DEBUG_INFO_BTF");
  throw SamplerError("refused", said, error, "needs Linux 6.1 or newer");
}

/// A new object with its sizes set, not loaded yet.
Object prepare(const SamplerOptions& options, const sampler_settings& settings) {
  Object object(sampler_object_new());
  if (!object) fail("the sampler's programs", ENOMEM);
  *sampler_object_settings(object.get()) = settings;
  const auto entries = [&](sampler_map map, std::uint32_t count) {
    sampler_object_set_entries(object.get(), map, std::max(1u, count));
  };
  entries(SAMPLER_CPUS, settings.cpus);
  entries(SAMPLER_TASKS, settings.task_mask + 1);
  entries(SAMPLER_ROWS, options.by == By::nothing ? SAMPLER_WAYS : options.keys);
  entries(SAMPLER_EVENTS, settings.cpus * settings.pmcs);
  entries(SAMPLER_OUTLIERS, options.outlier_ns > 0 ? options.ring_bytes : 4096);
  return object;
}

/// Prepares and loads; 0 or an errno. The verifier gives up with EAGAIN when a signal comes.
int try_load(Object& object, const SamplerOptions& options, const sampler_settings& settings) {
  int error = EAGAIN;
  for (int attempt = 0; attempt < 8 && (error == EAGAIN || error == EINTR); ++attempt) {
    object = prepare(options, settings);
    error = -sampler_object_load(object.get(), nullptr, 0);
  }
  return error;
}

/// The kernel refuses what reads sched_info with EINVAL where it keeps none; then stamps have to do.
Object load(SamplerOptions& options, sampler_settings settings) {
  const bool choose = options.source == Source::automatic;
  if (choose) options.source = Source::sched_info;
  settings.stamps = options.source == Source::stamps;
  Object object;
  int error = try_load(object, options, settings);
  if (error == EINVAL && choose) {
    options.source = Source::stamps;
    settings.stamps = 1;
    error = try_load(object, options, settings);
  }
  if (error != 0) fail("loading the sampler's programs", error);
  return object;
}

}  // namespace

SamplerError::SamplerError(std::string code, const std::string& what, int error, std::string hint)
    : std::runtime_error(what), code_(std::move(code)), error_(error), hint_(std::move(hint)) {}

/// In the order they are made; undone the other way round, hooks first.
struct Sampler::Parts {
  SamplerOptions options;
  std::uint32_t cpus = 0;
  std::uint64_t opened_at = 0;
  PmcEvents pmc;
  Object object;
  SharedMemory cpu_memory, row_memory;
  Ring ring;
  std::vector<Descriptor> hooks;

  explicit Parts(const SamplerOptions& asked) : options(asked), cpus(possible_cpus()) {
    sampler_settings settings = settings_from(options, cpus);
    settings.opened_ns = now_ns();
    if (!options.pmcs.empty()) pmc = PmcEvents(options.pmcs, cpus);
    settings.pmcs = static_cast<std::uint32_t>(pmc.counted().size());
    object = load(options, settings);
    share();
    fill();
    hook();
    opened_at = now_ns();
  }

  std::span<sampler_cpu> cpu_view() const { return {cpu_memory.as<sampler_cpu>(), cpus}; }
  std::span<const sampler_row> rows() const {
    return {row_memory.as<const sampler_row>(), options.by == By::nothing ? 0 : options.keys};
  }

  void watch_quotas() {
    const auto seen = cpu_view();
    if (quotas_watched || std::none_of(seen.begin(), seen.end(), [](const sampler_cpu& cpu) {
          return __atomic_load_n(&cpu.quotas, __ATOMIC_RELAXED) != 0;
        }))
      return;
    attach(SAMPLER_WOKEN_TO_QUEUE);
    quotas_watched = true;
  }

 private:
  bool quotas_watched = false;

  int map(sampler_map which) const { return sampler_object_map(object.get(), which); }

  void share() {
    static_assert(sizeof(sampler_cpu) % 8 == 0 && sizeof(sampler_row) % 8 == 0);
    cpu_memory = SharedMemory(map(SAMPLER_CPUS), cpus * sizeof(sampler_cpu), PROT_READ | PROT_WRITE);
    if (!cpu_memory) fail("mmap", errno);
    if (options.by != By::nothing) {
      row_memory = SharedMemory(map(SAMPLER_ROWS), options.keys * sizeof(sampler_row), PROT_READ);
      if (!row_memory) fail("mmap", errno);
    }
    if (options.outlier_ns == 0) return;
    ring = Ring(map(SAMPLER_OUTLIERS), options.ring_bytes);
    if (!ring.ok()) fail("mmap", errno);
  }

  void fill() {
    const auto put = [&](sampler_map which, std::uint32_t index, const void* value) {
      const int error = -sampler_object_put(object.get(), which, index, value);
      if (error != 0) fail("writing a map", error);
    };
    const auto blank = std::make_unique<sampler_row>();
    blank->key = SAMPLER_CLAIMED;
    put(SAMPLER_BLANK, 0, blank.get());
    pmc.each([&](std::uint32_t index, int fd) { put(SAMPLER_EVENTS, index, &fd); });
    if (options.cpus.empty()) return;
    for (sampler_cpu& cpu : cpu_view()) cpu.ignored = 1;
    for (const std::uint32_t cpu : options.cpus) cpu_view()[cpu].ignored = 0;
  }

  void attach(sampler_hook which) {
    const int fd = sampler_object_attach(object.get(), which);
    if (fd < 0) fail("attaching to the scheduler's tracepoints", -fd);
    hooks.emplace_back(fd);
  }

  void hook() {
    if (options.outlier_ns > 0) attach(SAMPLER_WAKING);
    if (options.source == Source::stamps) {
      attach(SAMPLER_WOKEN);
      attach(SAMPLER_BORN);
    }
    if (options.by == By::task || options.by == By::process) attach(SAMPLER_RENAMED);
    attach(SAMPLER_SWITCHED);
  }
};

Sampler::Sampler(const SamplerOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Sampler::~Sampler() = default;

Snapshot Sampler::snapshot() const {
  parts_->watch_quotas();
  Snapshot out;
  out.at_ns = now_ns();
  out.lasted_ns = out.at_ns - parts_->opened_at;
  copy_cpus(parts_->cpu_view(), out);
  copy_rows(parts_->rows(), out);
  add_under_way(out, parts_->options.sample_every == 1);
  return out;
}

std::size_t Sampler::outliers(std::span<sampler_event> into) {
  std::size_t taken = 0;
  if (!parts_->ring.ok()) return 0;
  parts_->ring.drain([&](const void* record, std::uint32_t bytes) {
    if (taken == into.size()) return false;
    std::memcpy(&into[taken++], record, std::min<std::size_t>(bytes, sizeof(sampler_event)));
    return true;
  });
  return taken;
}

int Sampler::outlier_fd() const {
  return parts_->ring.ok() ? sampler_object_map(parts_->object.get(), SAMPLER_OUTLIERS) : -1;
}

const SamplerOptions& Sampler::options() const {
  return parts_->options;
}

const std::vector<Pmc>& Sampler::pmcs() const {
  return parts_->pmc.counted();
}

const std::string& Sampler::pmc_refusal() const {
  return parts_->pmc.refusal();
}

}  // namespace tunesmith
