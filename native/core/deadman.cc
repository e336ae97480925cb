#include "core/deadman.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "core/descriptor.h"

namespace tunesmith {
namespace {

/// The deadman looks for its owner there.
constexpr int kOwner = 3;
constexpr int kBuryMs = 10'000;
/// As many as the deadman takes (native/deadman/socket.cc).
constexpr std::size_t kMostLinks = 16;
/// Replies are words; the longest names what has ended in half a second.
constexpr std::size_t kLongestReply = 65536;

/// Once for the link: a poll(2) before every reply would cost a call each.
void set_patience(int fd, unsigned timeout_ms) {
  const timeval patience{static_cast<time_t>(timeout_ms / 1000),
                         static_cast<suseconds_t>(timeout_ms % 1000 * 1000)};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Outcome failed(const char* what, int error) {
  return {error, std::string(what) + ": " + std::strerror(error)};
}

/// Everything of ours is close-on-exec but what is named here.
int spawn(const std::string& program, char* const argv[], int owner, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < kOwner; ++fd)
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, owner, kOwner);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {path, nullptr};
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, argv, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

DeadmanLink start_deadman(const std::string& program, const std::string& dir, unsigned lease_ms,
                          unsigned timeout_ms, const std::string& tree) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return {failed("socketpair(2)", errno)};
  Descriptor ours(ends[0]), theirs(ends[1]);
  // dup2 onto itself would keep close-on-exec.
  if (theirs.get() == kOwner) theirs = Descriptor(fcntl(kOwner, F_DUPFD_CLOEXEC, kOwner + 1));
  if (!theirs.open()) return {failed("fcntl(2)", errno)};
  // Before anything is started: a deadman without a link would end at once, and "ok" would be a lie.
  Descriptor kept(fcntl(ours.get(), F_DUPFD_CLOEXEC, kOwner));
  if (!kept.open()) return {failed("fcntl(2)", errno)};
  std::string name = "tunesmith-deadman", home = dir, lease = std::to_string(lease_ms), files = tree;
  char* argv[] = {name.data(), home.data(), lease.data(), files.empty() ? nullptr : files.data(), nullptr};
  DeadmanLink link;
  if (const int error = spawn(program, argv, theirs.get(), link.pid); error != 0)
    return {failed("the deadman cannot be started", error)};
  link.fd = kept.release();
  set_patience(link.fd, timeout_ms);
  return link;
}

DeadmanLink connect_deadman(const std::string& dir, pid_t pid, unsigned timeout_ms) {
  const Descriptor home(open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!home.open()) return {failed(dir.c_str(), errno)};
  // sun_path holds 107 letters: the way over our own descriptor is always short.
  const std::string path =
      "/proc/self/fd/" + std::to_string(home.get()) + "/" + std::to_string(pid) + ".sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return {failed("socket(2)", errno)};
  set_patience(fd, timeout_ms);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return {{}, fd, 0};
  const int error = errno;
  close(fd);
  return {failed("the deadman does not answer", error)};
}

DeadmanReply ask_deadman(int fd, const std::string& request, const std::vector<int>& links) {
  iovec part{const_cast<char*>(request.data()), request.size()};
  const std::size_t bytes = links.size() * sizeof(int);
  alignas(cmsghdr) char control[CMSG_SPACE(kMostLinks * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (links.size() > kMostLinks) return {failed("to the deadman", EMSGSIZE), ""};
  if (!links.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_len = CMSG_LEN(bytes);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    std::memcpy(CMSG_DATA(head), links.data(), bytes);
  }
  if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) return {failed("to the deadman", errno), ""};
  char reply[kLongestReply];
  ssize_t size = 0;
  while ((size = recv(fd, reply, sizeof reply, MSG_TRUNC)) < 0 && errno == EINTR) {
  }
  if (size < 0) return {failed("from the deadman", errno == EAGAIN ? ETIMEDOUT : errno), ""};
  if (size == 0) return {failed("from the deadman", EPIPE), ""};
  if (static_cast<std::size_t>(size) > sizeof reply) return {failed("from the deadman", EIO), ""};
  return {{}, std::string(reply, size)};
}

std::uint64_t boot_ns() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void end_deadman(int fd, pid_t pid) {
  if (fd >= 0) close(fd);
  if (pid <= 0) return;
  for (int waited = 0; waited < kBuryMs && waitpid(pid, nullptr, WNOHANG) == 0; ++waited) usleep(1000);
}

}  // namespace tunesmith
