#include "mailbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "sys.h"

namespace agent {

static std::string find_device() {
  const std::string root = "/sys/bus/pci/devices/";
  for (const std::string& name : list_dir(root)) {
    if (read_file(root + name + "/vendor").starts_with("0x1af4") &&
        read_file(root + name + "/device").starts_with("0x1110"))
      return root + name;
  }
  throw std::runtime_error("mailbox: no ivshmem device (PCI 1af4:1110) in this guest");
}

Mailbox::Mailbox() {
  const std::string device = find_device();
  write_file(device + "/enable", "1");
  const std::string path = device + "/resource2";
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) fail("open", path);
  struct stat info;
  if (fstat(fd, &info) != 0) fail("stat", path);
  size_ = static_cast<std::size_t>(info.st_size);
  void* at = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) fail("map", path);
  base_ = static_cast<char*>(at);
  header()->magic = kMagic;
  header()->version = kVersion;
}

std::string Mailbox::request() const {
  const std::size_t bytes = header()->request_bytes;
  if (bytes > kReplyOffset - kRequestOffset) throw std::runtime_error("mailbox: request too long");
  return {base_ + kRequestOffset, bytes};
}

void Mailbox::reply(std::string_view text) {
  if (text.size() > kBulkOffset - kReplyOffset) throw std::runtime_error("mailbox: reply too long");
  std::memcpy(base_ + kReplyOffset, text.data(), text.size());
  header()->reply_bytes = static_cast<std::uint32_t>(text.size());
}

void Mailbox::advance() {
  header()->tsc = read_tsc();
  header()->phase = header()->phase + 1;
}

}  // namespace agent
