#include "deadman/knob_place.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "deadman/task.h"

namespace deadman {
namespace {

using tunesmith::Descriptor;

// As in src/knobs: test/change/places compares the two.
constexpr std::array<std::string_view, 2> kSysctls = {"sched_autogroup_enabled",
                                                      "sched_cfs_bandwidth_slice_us"};
constexpr std::array<std::string_view, 6> kDebugfs = {"base_slice_ns",     "latency_ns",
                                                      "migration_cost_ns", "min_granularity_ns",
                                                      "nr_migrate",        "wakeup_granularity_ns"};
constexpr std::string_view kShares = "cpu.shares", kWeight = "cpu.weight";
constexpr std::string_view kSysctlHome = "/proc/sys/kernel", kDebugfsHome = "/sched";

std::string tree;

bool is_plain(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.size() > 4096) return false;
  if (std::any_of(path.begin(), path.end(),
                  [](unsigned char letter) { return letter < ' ' || letter == 127; }))
    return false;
  const std::string whole = std::string(path) + "/";
  return whole.find("//") == std::string::npos && whole.find("/./") == std::string::npos &&
         whole.find("/../") == std::string::npos;
}

bool is_in_tree(std::string_view path) {
  return !tree.empty() && path.size() > tree.size() && path.starts_with(tree) && path[tree.size()] == '/';
}

/// The type of file system that a knob at that path lies in; 0 where no knob is.
long file_system_of(std::string_view path) {
  if (!is_plain(path)) return 0;
  const std::size_t slash = path.rfind('/');
  const std::string_view home = path.substr(0, slash), name = path.substr(slash + 1);
  if (home == kSysctlHome) return std::ranges::find(kSysctls, name) != kSysctls.end() ? PROC_SUPER_MAGIC : 0;
  if (name == kShares) return CGROUP_SUPER_MAGIC;
  if (name == kWeight) return CGROUP2_SUPER_MAGIC;
  return home.ends_with(kDebugfsHome) && std::ranges::find(kDebugfs, name) != kDebugfs.end() ? DEBUGFS_MAGIC
                                                                                             : 0;
}

std::string identity_of(int fd, long type) {
  if (type == PROC_SUPER_MAGIC) return "-";
  struct statx now {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &now) != 0) return "-";
  std::string text = std::to_string(now.stx_ino);
  if ((now.stx_mask & STATX_BTIME) != 0)
    text.append(1, '.')
        .append(std::to_string(now.stx_btime.tv_sec))
        .append(1, '.')
        .append(std::to_string(now.stx_btime.tv_nsec));
  return text;
}

/// Looks before anything is opened for use: opening a device or a FIFO can have effects of its own.
KnobFile look_at(const std::string& path, int flags, long type) {
  Descriptor seen(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC | flags));
  if (!seen.open()) return {Descriptor(), errno == ENOTDIR ? ENOENT : errno};
  struct stat what {};
  struct statfs home {};
  if (fstat(seen.get(), &what) != 0 || fstatfs(seen.get(), &home) != 0) return {Descriptor(), errno};
  const bool is_expected = (flags & O_DIRECTORY) != 0 ? S_ISDIR(what.st_mode) : S_ISREG(what.st_mode);
  if (!is_expected || (home.f_type != type && !is_in_tree(path))) return {Descriptor(), EPERM};
  std::string identity = identity_of(seen.get(), home.f_type);
  return {std::move(seen), 0, std::move(identity)};
}

}  // namespace

void allow_tree(const std::string& root) {
  if (is_plain(root)) tree = root;
}

bool may_be_place(Kind kind, const std::string& place) {
  if (kind == Kind::slice) return task_named(place).tid > 0;
  if (kind == Kind::policy)
    return !place.empty() && place.size() < 20 &&
           std::ranges::all_of(place, [](char letter) { return letter >= '0' && letter <= '9'; });
  return file_system_of(place) != 0 || (is_in_tree(place) && is_plain(place));
}

std::string known_places() {
  std::string text;
  for (const auto name : kSysctls) text += "sysctl " + std::string(name) + "\n";
  for (const auto name : kDebugfs) text += "debugfs " + std::string(name) + "\n";
  for (const auto name : {kShares, kWeight}) text += "cgroup " + std::string(name) + "\n";
  return text;
}

KnobFile open_knob(const std::string& path) {
  if (!may_be_place(Kind::file, path)) return {Descriptor(), EPERM};
  KnobFile found = look_at(path, 0, file_system_of(path));
  if (found.error != 0) return found;
  // Of the very file that was looked at, whatever has its path by now.
  const std::string way = "/proc/self/fd/" + std::to_string(found.fd.get());
  found.fd = Descriptor(open(way.c_str(), O_RDWR | O_CLOEXEC));
  if (!found.fd.open()) found.error = errno;
  return found;
}

KnobFile open_cgroup(const std::string& path) {
  if (!is_plain(path)) return {Descriptor(), EPERM};
  for (const long type : {static_cast<long>(CGROUP2_SUPER_MAGIC), static_cast<long>(CGROUP_SUPER_MAGIC)})
    if (KnobFile found = look_at(path, O_DIRECTORY, type); found.error != EPERM) return found;
  return {Descriptor(), EPERM};
}

}  // namespace deadman
