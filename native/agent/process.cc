#include "process.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "sys.h"

namespace agent {

[[noreturn]] static void become(const Command& command) {
  setpgid(0, 0);
  const int out = open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir(command.workdir.c_str()) != 0) _exit(126);
  if (command.uid != 0 &&
      (setgroups(0, nullptr) != 0 || setgid(command.uid) != 0 || setuid(command.uid) != 0))
    _exit(126);
  std::vector<char*> argv;
  for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

Process::Process(const Command& command) : name_(command.argv.at(0)) {
  pid_ = fork();
  if (pid_ < 0) fail("fork", name_);
  if (pid_ == 0) become(command);
  setpgid(pid_, pid_);
}

Process::~Process() {
  if (pid_ == 0 || !running()) return;
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  kill(pid_, number);
}

bool Process::running() {
  if (pid_ == 0) return false;
  if (waitpid(pid_, &status_, WNOHANG) != pid_) return true;
  pid_ = 0;
  return false;
}

int Process::wait(std::uint64_t limit_ns) {
  const std::uint64_t deadline = now_ns() + limit_ns;
  while (running()) {
    if (now_ns() > deadline) {
      kill(-pid_, SIGKILL);
      waitpid(pid_, &status_, 0);
      pid_ = 0;
      throw std::runtime_error(name_ + ": still running after " + std::to_string(limit_ns / 1000000) +
                               " ms of virtual time");
    }
    sleep_until_ns(now_ns() + 1000000);
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

void run_to_end(const Command& command, std::uint64_t limit_ns) {
  Process process(command);
  if (const int status = process.wait(limit_ns); status != 0)
    throw std::runtime_error(command.argv.at(0) + ": exit status " + std::to_string(status) + ": " +
                             tail_of(command.output));
}

std::string tail_of(const std::string& path, std::size_t bytes) {
  if (!exists(path)) return "";
  const std::string text = read_file(path);
  return text.size() <= bytes ? text : text.substr(text.size() - bytes);
}

std::vector<double> thread_cpu_times(pid_t pid) {
  std::vector<double> times;
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  if (!exists(tasks)) return times;
  for (const std::string& tid : list_dir(tasks)) {
    std::istringstream fields(read_file(tasks + "/" + tid + "/schedstat"));
    double cpu_ns = 0;
    fields >> cpu_ns;
    times.push_back(cpu_ns);
  }
  return times;
}

}  // namespace agent
