#include "pci.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sstream>
#include <stdexcept>

#include "sys.h"

namespace agent {
namespace {

constexpr std::size_t kPage = 4096;

std::string find_device(const std::string& vendor, const std::string& id) {
  const std::string root = "/sys/bus/pci/devices/";
  for (const std::string& name : list_dir(root)) {
    if (read_file(root + name + "/vendor").starts_with(vendor) &&
        read_file(root + name + "/device").starts_with(id))
      return root + name;
  }
  throw std::runtime_error("no PCI device " + vendor + ":" + id + " in this guest");
}

}  // namespace

PciMemory map_pci(const std::string& vendor, const std::string& id, int bar) {
  const std::string device = find_device(vendor, id);
  write_file(device + "/enable", "1");
  std::istringstream table(read_file(device + "/resource"));  // a line a BAR: first and last address, flags
  std::size_t first = 0, last = 0, flags = 0;
  table >> std::hex;
  for (int line = 0; line <= bar; ++line) table >> first >> last >> flags;
  const std::string plain = device + "/resource" + std::to_string(bar);
  // Memory that may be combined, like a mailbox, takes accesses of any alignment on arm64; registers do not.
  const std::string path = exists(plain + "_wc") ? plain + "_wc" : plain;
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) fail("open", path);
  // Whole pages are mapped; a small BAR may begin inside one.
  const std::size_t bytes = last - first + 1, inside = first % kPage;
  void* at = mmap(nullptr, inside + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) fail("map", path);
  return {device, static_cast<char*>(at) + inside, bytes};
}

}  // namespace agent
