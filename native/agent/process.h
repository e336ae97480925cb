#pragma once
// Programs run by a workload: spawned in the normal scheduling class, output to a file, never left behind.
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace agent {

struct Command {
  std::vector<std::string> argv;
  std::string output;  ///< stdout and stderr go to this file
  std::string workdir = "/";
  unsigned uid = 0;  ///< 0 keeps root
};

class Process {
 public:
  explicit Process(const Command& command);
  Process(Process&& other) noexcept : pid_(other.pid_), name_(other.name_) { other.pid_ = 0; }
  /// Kills the whole process group if it still runs.
  ~Process();
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool running();
  /// Waits up to `limit_ns` of virtual time; returns the exit status, or throws naming the program when the
  /// time is over (the group is killed then).
  int wait(std::uint64_t limit_ns);

 private:
  pid_t pid_ = 0;
  std::string name_;
  int status_ = -1;
};

/// Runs to the end; throws with the output's tail when the exit status is not 0.
void run_to_end(const Command& command, std::uint64_t limit_ns);

/// The last `bytes` of a file, for error messages; empty when there is none.
std::string tail_of(const std::string& path, std::size_t bytes = 400);

/// CPU time in ns of each thread of a process, from /proc/PID/task/*/schedstat.
std::vector<double> thread_cpu_times(pid_t pid);

}  // namespace agent
