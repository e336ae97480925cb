#include "deadman/task.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "deadman/read.h"

namespace deadman {
namespace {

constexpr unsigned kPidfdThread = O_EXCL;    // PIDFD_THREAD, Linux 6.9
constexpr unsigned kPfKthread = 0x00200000;  // PF_KTHREAD, include/linux/sched.h
constexpr long kPidfsMagic = 0x50494446;     // PID_FS_MAGIC, include/uapi/linux/magic.h

int pidfd_of(int tid, unsigned flags) {
#ifdef SYS_pidfd_open
  return static_cast<int>(syscall(SYS_pidfd_open, tid, flags));
#else
  return static_cast<int>(syscall(434, tid, flags));
#endif
}

}  // namespace

TaskName task_named(const std::string& text) {
  if (text.empty() || text[0] < '1' || text[0] > '9') return {};
  char* rest = nullptr;
  const unsigned long tid = std::strtoul(text.c_str(), &rest, 10);
  if (*rest != ':' || tid > (1UL << 22) || rest[1] < '1' || rest[1] > '9') return {};
  const std::uint64_t start = std::strtoull(rest + 1, &rest, 10);
  return *rest == '\0' ? TaskName{static_cast<int>(tid), start} : TaskName{};
}

std::string name_of(int tid, std::uint64_t start) {
  return std::to_string(tid) + ":" + std::to_string(start);
}

TaskStat stat_of(int tid) {
  const std::string stat = read_file("/proc/" + std::to_string(tid) + "/stat").text;
  // The name, the second field, may hold anything, parentheses included. Fields: proc(5).
  std::size_t at = stat.rfind(')');
  TaskStat found;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string::npos) return {};
    if (field + 1 == 4) found.parent = std::atoi(stat.c_str() + at);
    if (field + 1 == 9)
      found.is_kernel_thread = (std::strtoul(stat.c_str() + at, nullptr, 10) & kPfKthread) != 0;
    if (field + 1 == 22) found.start = std::strtoull(stat.c_str() + at, nullptr, 10);
  }
  return found;
}

int process_of(int tid) {
  const std::string status = read_file("/proc/" + std::to_string(tid) + "/status").text;
  const std::size_t at = status.find("\nTgid:");
  return at == std::string::npos ? 0 : std::atoi(status.c_str() + at + 6);
}

TaskHandle::TaskHandle(int tid) : fd_(pidfd_of(tid, kPidfdThread)) {
  // Without PIDFD_THREAD a process can still be had; of its other threads only the start is known then.
  if (!fd_.open() && errno == EINVAL) fd_ = tunesmith::Descriptor(pidfd_of(tid, 0));
  is_gone_ = !fd_.open() && errno == ESRCH;
}

std::string TaskHandle::identity() const {
  struct statfs home {};
  struct stat own {};
  if (!fd_.open() || fstatfs(fd_.get(), &home) != 0 || home.f_type != kPidfsMagic) return "-";
  return fstat(fd_.get(), &own) == 0 ? std::to_string(own.st_ino) : "-";
}

bool TaskHandle::has_ended() const {
  if (!fd_.open()) return is_gone_;
  pollfd end{fd_.get(), POLLIN, 0};
  return poll(&end, 1, 0) > 0;
}

std::vector<int> numbers_in(const std::string& dir) {
  std::vector<int> found;
  DIR* entries = opendir(dir.c_str());
  if (entries == nullptr) return found;
  while (const dirent* entry = readdir(entries))
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') found.push_back(std::atoi(entry->d_name));
  closedir(entries);
  return found;
}

}  // namespace deadman
