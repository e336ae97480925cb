#include "sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace agent {

void fail(std::string_view what, std::string_view path) {
  throw std::runtime_error(std::string(what) + ": " + std::string(path) + ": " + std::strerror(errno));
}

std::string read_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("open", path);
  std::string text;
  char chunk[16384];
  ssize_t got;
  while ((got = read(fd, chunk, sizeof chunk)) > 0) text.append(chunk, static_cast<std::size_t>(got));
  const int error = errno;
  close(fd);
  errno = error;
  if (got < 0) fail("read", path);
  return text;
}

void write_file(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) fail("open for writing", path);
  const ssize_t put = write(fd, text.data(), text.size());
  const int error = errno;
  close(fd);
  errno = error;
  if (put != static_cast<ssize_t>(text.size())) fail("write", path);
}

bool exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::vector<std::string> list_dir(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = opendir(path.c_str());
  if (dir == nullptr) fail("list", path);
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(dir);
  std::sort(names.begin(), names.end());
  return names;
}

static void mount_one(const char* type, const char* where, const char* options = "") {
  mkdir(where, 0755);
  if (mount(type, where, type, 0, options) != 0 && errno != EBUSY) fail("mount", where);
}

void mount_all() {
  mount_one("proc", "/proc");
  mount_one("sysfs", "/sys");
  mount_one("devtmpfs", "/dev");
  mount_one("debugfs", "/sys/kernel/debug");
  mount_one("tracefs", "/sys/kernel/tracing");
  mount_one("bpf", "/sys/fs/bpf");
  mount_one("cgroup2", "/sys/fs/cgroup");
  mount_one("tmpfs", "/dev/shm", "mode=1777");
  mount_one("tmpfs", "/tmp", "mode=1777");
  mount_one("tmpfs", "/run");
}

static std::string cpu_online_path(int cpu) {
  return "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/online";
}

int present_cpus() {
  return static_cast<int>(sysconf(_SC_NPROCESSORS_CONF));
}
int online_cpus() {
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

std::vector<int> online_cpu_numbers() {
  std::istringstream list(read_file("/sys/devices/system/cpu/online"));  // 0 or 0-3 or 0,2-3
  std::vector<int> out;
  for (std::string range; std::getline(list, range, ',');) {
    int first = 0, last = 0;
    char dash = 0;
    std::istringstream ends(range);
    if (!(ends >> first)) continue;
    if (!(ends >> dash >> last)) last = first;
    for (int cpu = first; cpu <= last; ++cpu) out.push_back(cpu);
  }
  return out;
}

void set_secondary_cpus(bool online) {
  for (int cpu = 1; cpu < present_cpus(); ++cpu) {
    const std::string path = cpu_online_path(cpu);
    if (read_file(path)[0] != (online ? '1' : '0')) write_file(path, online ? "1" : "0");
  }
}

void pin_to_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("pin", "cpu" + std::to_string(cpu));
}

void keep_to_cpus(int first, int count) {
  cpu_set_t allowed, set;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) fail("read the affinity of", "a thread");
  std::vector<std::size_t> numbers;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) numbers.push_back(cpu);
  CPU_ZERO(&set);
  for (int i = first; i < first + count; ++i)
    CPU_SET(numbers[static_cast<std::size_t>(i) % numbers.size()], &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("keep to", std::to_string(count) + " CPUs");
}

std::uint64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void sleep_until_ns(std::uint64_t when) {
  const timespec at{static_cast<time_t>(when / 1000000000u), static_cast<long>(when % 1000000000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

std::uint64_t read_tsc() {
#ifdef __x86_64__
  return __rdtsc();
#else
  std::uint64_t now;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now));
  return now;
#endif
}

}  // namespace agent
