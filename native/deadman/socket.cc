#include "deadman/socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/descriptor.h"

namespace deadman {
namespace {

constexpr std::size_t kMostLinks = 16;
/// No packet is longer: a sender's buffer holds 208 KiB unless root allowed more. Only what is used of it is
/// resident.
char buffer[1 << 20];

}  // namespace

int listen_at(const std::string& dir, const std::string& name) {
  const tunesmith::Descriptor home(open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  // sun_path holds 107 letters: the way over our own descriptor is always short.
  const std::string path = "/proc/self/fd/" + std::to_string(home.get()) + "/" + name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!home.open() || path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  umask(077);
  unlink(path.c_str());
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(fd, 8) == 0) return fd;
  close(fd);
  return -1;
}

std::optional<Packet> receive(int fd) {
  iovec part{buffer, sizeof buffer};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostLinks * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (got <= 0) return std::nullopt;
  // Cut off, it is no request of ours, and none that is known.
  Packet packet{(message.msg_flags & MSG_TRUNC) != 0 ? "" : std::string(buffer, got), {}};
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int link = -1;
      std::memcpy(&link, CMSG_DATA(at) + i * sizeof link, sizeof link);
      packet.links.emplace_back(link);
    }
  }
  return packet;
}

}  // namespace deadman
