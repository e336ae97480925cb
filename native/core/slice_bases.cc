#include "core/slice_bases.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/descriptor.h"
#include "core/sched_attr.h"

namespace tunesmith {
namespace {

/// sysctl_sched_base_slice before it is scaled (kernel/sched/fair.c): since Linux 6.15, and before.
constexpr std::uint64_t kDefaults[] = {700'000, 750'000};
/// 1 + ilog2(min(online CPUs, 8)): SCHED_TUNABLESCALING_LOG. Tasks that sleep since an early moment of the
/// boot show the slice of fewer CPUs.
constexpr std::uint64_t kMostScale = 4;
/// The file is ours and small; what is beyond was never written by us.
constexpr std::size_t kMostBytes = 65536;

std::string read_text(const char* path, int flags = 0) {
  const Descriptor file(open(path, O_RDONLY | O_CLOEXEC | flags));
  std::string text;
  char part[4096];
  ssize_t got = 0;
  while (file.open() && text.size() < kMostBytes && (got = read(file.get(), part, sizeof part)) > 0)
    text.append(part, got);
  return text;
}

std::string this_boot() {
  return read_text("/proc/sys/kernel/random/boot_id").substr(0, 36);
}

/// What this thread has once it has none of its own; 0 where tasks have no slices.
std::uint64_t own_slice() {
  return set_slice(0, 0).ok() ? read_sched(0).slice_ns : 0;
}

/// The default that the present slice is a multiple of, or else the one of this kernel's version.
std::uint64_t unscaled(std::uint64_t present) {
  for (const std::uint64_t base : kDefaults)
    if (present % base == 0 && present / base >= 1 && present / base <= kMostScale) return base;
  utsname name{};
  int major = 0, minor = 0;
  const bool known = uname(&name) == 0 && std::sscanf(name.release, "%d.%d", &major, &minor) == 2;
  return kDefaults[known && (major < 6 || (major == 6 && minor < 15)) ? 1 : 0];
}

}  // namespace

SliceBases::SliceBases(std::string file, bool is_ours) : file_(std::move(file)), is_ours_(is_ours) {
  load();
  const std::uint64_t present = look();
  if (present == 0) return;
  // SCHED_TUNABLESCALING_LINEAR scales by the number of CPUs; not to be read without debugfs, and rare.
  const bool is_linear = read_text("/sys/kernel/debug/sched/tunable_scaling").starts_with('2');
  const auto cpus = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_NPROCESSORS_CONF)));
  const std::uint64_t base = unscaled(present);
  for (std::uint64_t scale = 1; scale <= (is_linear ? cpus : kMostScale); ++scale)
    known_.insert(base * scale);
}

void SliceBases::load() {
  if (file_.empty()) return;
  // Without streams: they alone would double what a deadman takes of memory.
  const std::string text = read_text(file_.c_str(), O_NOFOLLOW), boot = this_boot() + " ";
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at), at += at != std::string::npos) {
    const bool is_ours = text.compare(at, boot.size(), boot) == 0;
    const std::uint64_t slice_ns = is_ours ? std::strtoull(text.c_str() + at + boot.size(), nullptr, 10) : 0;
    if (slice_ns > 0) known_.insert(slice_ns);
  }
}

bool SliceBases::has(std::uint64_t slice_ns) {
  if (known_.contains(slice_ns)) return true;
  look();
  return known_.contains(slice_ns);
}

std::uint64_t SliceBases::look() {
  const std::uint64_t present = is_ours_ ? own_slice() : probe_slices().base_ns;
  if (present != 0 && known_.insert(present).second) keep(present);
  return present;
}

void SliceBases::keep(std::uint64_t slice_ns) {
  if (file_.empty()) return;
  const Descriptor file(open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.open()) return;
  struct stat now {};
  // Another boot's lines make room.
  if (fstat(file.get(), &now) != 0 || !S_ISREG(now.st_mode)) return;
  if (now.st_size > static_cast<off_t>(kMostBytes / 2) && ftruncate(file.get(), 0) != 0) return;
  const std::string line = this_boot() + " " + std::to_string(slice_ns) + "\n";
  if (write(file.get(), line.data(), line.size()) < 0) return;  // best effort: it is known here
}

}  // namespace tunesmith
