#include "exec.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "sys.h"

namespace agent {
namespace {

using nlohmann::json;

constexpr std::size_t kMostOutput = 8u << 20;
constexpr std::size_t kChunk = 65536;

/// A descriptor that closes itself; -1 is none.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&&) = delete;
  ~Fd() { close(); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Fd read, write;
};

/// Our ends never block, so that a program that neither reads nor writes holds nothing up.
Pipe make_pipe(bool we_read) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe", "exec");
  fcntl(ends[we_read ? 0 : 1], F_SETFL, O_NONBLOCK);
  return {Fd(ends[0]), Fd(ends[1])};
}

/// What the program writes to one stream: the beginning is kept, the rest is read and dropped.
class Sink {
 public:
  explicit Sink(Fd from) : from_(std::move(from)) {}
  int fd() const { return from_.get(); }
  /// Takes no more than the largest pipe holds (1 MiB), so that a flood cannot keep us from the clock.
  void drain() {
    char chunk[kChunk];
    for (std::size_t turn = 0; fd() >= 0 && turn < (1u << 20) / kChunk; ++turn) {
      const ssize_t got = read(fd(), chunk, kChunk);
      if (got < 0) return;
      if (got == 0) from_.close();
      keep({chunk, static_cast<std::size_t>(got)});
    }
  }
  std::string text;
  bool truncated = false;

 private:
  void keep(std::string_view chunk) {
    const std::size_t room = kMostOutput - text.size();
    text.append(chunk.substr(0, room));
    truncated = truncated || chunk.size() > room;
  }
  Fd from_;
};

/// The program's input: fed as fast as it reads, closed at the end or when nobody reads any more.
class Source {
 public:
  Source(Fd to, std::string text) : to_(std::move(to)), text_(std::move(text)) { feed(); }
  int fd() const { return to_.get(); }
  void feed() {
    ssize_t put = 0;
    while (fd() >= 0 && at_ < text_.size() && (put = write(fd(), text_.data() + at_, text_.size() - at_)) > 0)
      at_ += static_cast<std::size_t>(put);
    if (at_ == text_.size() || (put < 0 && errno != EAGAIN)) to_.close();
  }

 private:
  Fd to_;
  std::string text_;
  std::size_t at_ = 0;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment(const json& env) {
  std::vector<std::string> words;
  for (const auto& [name, value] : env.items()) words.push_back(name + "=" + value.get<std::string>());
  return words;
}

pid_t start(const json& request, int in, int out, int err) {
  const json& env = request.at("env");
  const std::string cwd = request.at("cwd").get<std::string>();
  std::vector<std::string> words = request.at("argv").get<std::vector<std::string>>();
  std::vector<std::string> settings = environment(env);
  if (!exists(cwd)) fail("change to", cwd);
  // posix_spawnp looks argv[0] up in our own PATH.
  setenv("PATH", env.value("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").c_str(), 1);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, err, 2);
  posix_spawn_file_actions_addchdir_np(&files, cwd.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  errno = posix_spawnp(&pid, words.at(0).c_str(), &files, &attributes, pointers(words).data(),
                       pointers(settings).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (errno != 0) fail("run", words.at(0));
  return pid;
}

/// Takes note of every child that has ended: PID 1 is also the parent of what programs leave behind. Returns
/// the wait status of `pid` once it is among them.
std::optional<int> reap(pid_t pid) {
  std::optional<int> found;
  int status = 0;
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
    if (ended == pid) found = status;
  return found;
}

/// Waits until something can be read or fed, or `deadline` (CLOCK_MONOTONIC, ns) is over; 100 ms at most.
void wait_for(const Source& in, const Sink& out, const Sink& err, const Fd& end, std::uint64_t deadline) {
  pollfd watched[] = {
      {in.fd(), POLLOUT, 0}, {out.fd(), POLLIN, 0}, {err.fd(), POLLIN, 0}, {end.get(), POLLIN, 0}};
  const std::uint64_t now = now_ns(), left = deadline > now ? deadline - now : 0;
  const timespec limit{0, static_cast<long>(std::min<std::uint64_t>(left, 100000000u))};
  ppoll(watched, std::size(watched), &limit, nullptr);
}

}  // namespace

json exec_program(const json& request, Mailbox& mailbox) {
  const std::size_t fed = request.at("stdin_bytes").get<std::size_t>();
  if (std::max(fed, 2 * kMostOutput) > mailbox.bulk_size())
    throw std::invalid_argument("exec: needs a larger mailbox");
  reap(0);
  Pipe input = make_pipe(false), output = make_pipe(true), errors = make_pipe(true);
  const pid_t pid = start(request, input.read.get(), output.write.get(), errors.write.get());
  const Fd end(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (end.get() < 0) fail("pidfd_open", "exec");
  input.read.close();
  output.write.close();
  errors.write.close();

  Source in(std::move(input.write), {mailbox.bulk(), fed});
  Sink out(std::move(output.read)), err(std::move(errors.read));
  constexpr std::uint64_t kNever = UINT64_MAX;
  std::uint64_t deadline = now_ns() + request.at("timeout_ms").get<std::uint64_t>() * 1000000u;
  bool timed_out = false;
  std::optional<int> ended;
  while (!ended) {
    wait_for(in, out, err, end, deadline);
    ended = reap(pid);
    in.feed();
    out.drain();
    err.drain();
    if (ended || now_ns() < deadline) continue;
    kill(-pid, SIGKILL);
    timed_out = true;
    deadline = kNever;
  }

  std::memcpy(mailbox.bulk(), out.text.data(), out.text.size());
  std::memcpy(mailbox.bulk() + out.text.size(), err.text.data(), err.text.size());
  mailbox.set_export_bytes(out.text.size() + err.text.size());
  return {{"status", WIFEXITED(*ended) ? json(WEXITSTATUS(*ended)) : json()},
          {"signal", WIFSIGNALED(*ended) ? json(WTERMSIG(*ended)) : json()},
          {"stdout_bytes", out.text.size()},
          {"stderr_bytes", err.text.size()},
          {"timed_out", timed_out},
          {"truncated", out.truncated || err.truncated}};
}

}  // namespace agent
