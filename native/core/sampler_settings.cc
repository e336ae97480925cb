#include "core/sampler_settings.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

namespace tunesmith {
namespace {

[[noreturn]] void bad(const std::string& what, const std::string& hint, int error = EINVAL) {
  throw SamplerError("bad-option", what, error, hint);
}

std::uint32_t power_of_two(const char* name, std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  if (value < low || value > high)
    bad(std::string(name) + " is " + std::to_string(value),
        "from " + std::to_string(low) + " to " + std::to_string(high));
  return std::bit_ceil(value);
}

/// A cgroup's id is the inode number of its directory.
void choose_cgroup(const std::string& path, sampler_settings& out) {
  struct statfs system {};
  struct stat directory {};
  if (statfs(path.c_str(), &system) != 0 || stat(path.c_str(), &directory) != 0)
    bad("cgroup " + path + ": " + std::strerror(errno), "a directory under /sys/fs/cgroup", errno);
  out.cgroup = directory.st_ino;
  if (system.f_type == CGROUP2_SUPER_MAGIC) return;
  if (system.f_type != CGROUP_SUPER_MAGIC || !std::ifstream(path + "/cpu.shares"))
    bad(path + " is no cgroup of version 2 or of version 1's cpu controller",
        "a directory under /sys/fs/cgroup");
  out.cgroup_v1 = 1;
}

/// The initial PID namespace's inode is the same on every machine (PROC_PID_INIT_INO, linux/proc_ns.h).
constexpr std::uint32_t kInitialPidNamespace = 0xEFFFFFFC;

/// 0 for the initial one. Without /proc there is no telling, and numbers are taken for the initial one's.
std::uint32_t own_pid_namespace() {
  struct stat own {};
  if (stat("/proc/self/ns/pid", &own) != 0) return 0;
  const auto inode = static_cast<std::uint32_t>(own.st_ino);
  return inode == kInitialPidNamespace ? 0 : inode;
}

/// With version 1 mounted for the cpu controller, tasks are told apart where they are scheduled.
bool cpu_controller_is_v1() {
  std::ifstream list("/proc/cgroups");  // name, hierarchy (0: version 2), …
  std::string name;
  for (int hierarchy; list >> name;) {
    if (name == "cpu" && list >> hierarchy) return hierarchy != 0;
    list.ignore(1 << 16, '\n');
  }
  return false;
}

}  // namespace

std::uint32_t possible_cpus() {
  std::ifstream file("/sys/devices/system/cpu/possible");  // 0 or 0-3 or 0,2-3
  std::uint32_t last = 0;
  for (char separator; file >> last && file >> separator;) continue;
  return last + 1;
}

sampler_settings settings_from(SamplerOptions& options, std::uint32_t cpus) {
  options.keys = power_of_two("keys", options.keys, SAMPLER_WAYS, 65536);
  options.tasks = power_of_two("tasks", options.tasks, SAMPLER_WAYS, 1 << 20);
  options.ring_bytes = power_of_two("ring_bytes", options.ring_bytes, 4096, 1 << 30);
  if (options.sample_every < 1 || options.sample_every > 1000000)
    bad("sample_every is " + std::to_string(options.sample_every), "1 measures everything, N one in N");
  if (!(options.budget >= 0 && options.budget <= 1))
    bad("budget is out of range", "a share from 0 to 1; 0: no limit");
  if (options.processes.size() > SAMPLER_PROCESSES)
    bad("more than " + std::to_string(SAMPLER_PROCESSES) + " processes", "watch a cgroup instead");
  if (options.pmcs.size() > SAMPLER_PMCS)
    bad("more than " + std::to_string(SAMPLER_PMCS) + " counters", "ask for fewer");
  for (const std::uint32_t cpu : options.cpus)
    if (cpu >= cpus)
      bad("CPU " + std::to_string(cpu) + " does not exist", "0 to " + std::to_string(cpus - 1));

  sampler_settings out{};
  out.by = static_cast<std::uint32_t>(options.by);
  out.task_mask = options.tasks / SAMPLER_WAYS - 1;
  out.row_mask = options.keys / SAMPLER_WAYS - 1;
  out.sample_every = options.sample_every;
  out.budget_ppm = static_cast<std::uint32_t>(std::ceil(options.budget * 1e6));
  out.outlier_ns = options.outlier_ns;
  out.cpus = cpus;
  out.processes = static_cast<std::uint32_t>(options.processes.size());
  std::copy(options.processes.begin(), options.processes.end(), out.process);
  if (!options.cgroup.empty())
    choose_cgroup(options.cgroup, out);
  else if (options.hierarchy == Hierarchy::automatic)
    out.cgroup_v1 = cpu_controller_is_v1();
  else
    out.cgroup_v1 = options.hierarchy == Hierarchy::v1;
  if (options.hierarchy == Hierarchy::v1 && options.cgroup.empty() && !cpu_controller_is_v1())
    bad("there is no version 1 cpu controller here", "take version 2's hierarchy");
  options.hierarchy = out.cgroup_v1 ? Hierarchy::v1 : Hierarchy::v2;
  out.pid_ns = own_pid_namespace();
  return out;
}

}  // namespace tunesmith
