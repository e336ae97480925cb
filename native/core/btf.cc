#include "core/btf.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tunesmith {

Btf read_btf(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int error = errno;
    return {{error, path + ": " + std::strerror(error)}, 0};
  }
  btf_header header{};
  struct stat status {};
  const ssize_t got = read(fd, &header, sizeof(header));
  const int error = got < 0 ? errno : fstat(fd, &status) < 0 ? errno : 0;
  close(fd);
  if (error != 0) return {{error, path + ": " + std::strerror(error)}, 0};
  if (got != sizeof(header) || header.magic != BTF_MAGIC) return {{EINVAL, path + " is not BTF"}, 0};
  return {{}, static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace tunesmith
