#include "export.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "sys.h"

namespace agent {
namespace {

class CpioWriter {
 public:
  CpioWriter(char* at, std::size_t size) : at_(at), size_(size) {}

  void add_tree(const std::string& path) {
    struct stat info;
    if (lstat(path.c_str(), &info) != 0) fail("stat", path);
    if (S_ISREG(info.st_mode)) add(path, info, read_file(path));
    if (S_ISLNK(info.st_mode)) add(path, info, link_target(path));
    if (!S_ISDIR(info.st_mode)) return;
    add(path, info, "");
    for (const std::string& name : list_dir(path)) add_tree(path + "/" + name);
  }

  std::size_t finish() {
    struct stat none {};
    none.st_nlink = 1;
    add("/TRAILER!!!", none, "");
    return used_;
  }

 private:
  static std::string link_target(const std::string& path) {
    char target[4096];
    const ssize_t length = readlink(path.c_str(), target, sizeof target);
    if (length < 0) fail("readlink", path);
    return {target, static_cast<std::size_t>(length)};
  }

  // Header: magic, then 13 fields of 8 hex digits
  // (Documentation/driver-api/early-userspace/buffer-format.rst).
  void add(const std::string& path, const struct stat& info, const std::string& body) {
    const std::string name = path.substr(1);
    char header[111];
    std::snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
                  ++inode_, info.st_mode, info.st_uid, info.st_gid, 1u, 0u, body.size(), 0u, 0u, 0u, 0u,
                  name.size() + 1, 0u);
    put(header, 110);
    put(name.c_str(), name.size() + 1);
    pad();
    put(body.data(), body.size());
    pad();
  }

  void put(const char* bytes, std::size_t count) {
    if (used_ + count > size_)
      throw std::runtime_error("export: needs more than the mailbox's " + std::to_string(size_) + " bytes");
    std::memcpy(at_ + used_, bytes, count);
    used_ += count;
  }

  void pad() {
    static constexpr char kZero[4] = {};
    put(kZero, (4 - used_ % 4) % 4);
  }

  char* at_;
  std::size_t size_, used_ = 0;
  unsigned inode_ = 0;
};

}  // namespace

nlohmann::json export_files(const nlohmann::json& paths, Mailbox& mailbox) {
  CpioWriter writer(mailbox.bulk(), mailbox.bulk_size());
  for (const auto& path : paths) writer.add_tree(path.get<std::string>());
  const std::size_t bytes = writer.finish();
  mailbox.set_export_bytes(bytes);
  return {{"bytes", bytes}};
}

}  // namespace agent
