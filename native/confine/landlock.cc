#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "confine/rights.h"
#include "core/descriptor.h"

namespace confine {
namespace {

// linux/landlock.h by version of the interface; Debian's headers may be older than its kernel.
constexpr std::uint64_t kFilesV1 = (1ULL << 13) - 1, kRefer = 1ULL << 13, kTruncate = 1ULL << 14,
                        kDeviceCalls = 1ULL << 15;
constexpr std::uint64_t kTcp = 3, kScopes = 3;
constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kWrite = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;

/// struct landlock_ruleset_attr of version 6.
struct Handled {
  std::uint64_t files, net, scopes;
};

Handled handled_by(int version) {
  std::uint64_t files = kFilesV1;
  if (version >= 2) files |= kRefer;
  if (version >= 3) files |= kTruncate;
  if (version >= 5) files |= kDeviceCalls;
  return {files, version >= 4 ? kTcp : 0, version >= 6 ? kScopes : 0};
}

std::size_t size_for(int version) {
  return (version >= 6 ? 3 : version >= 4 ? 2 : 1) * sizeof(std::uint64_t);
}

bool allow(int rules, int fd, std::uint64_t access) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return false;
  if (S_ISDIR(about.st_mode)) access |= LANDLOCK_ACCESS_FS_READ_DIR;
  const landlock_path_beneath_attr rule{access, fd};
  return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

/// A path that is not there needs no rule.
bool allow(int rules, const std::string& path, std::uint64_t access) {
  const tunesmith::Descriptor place(open(path.c_str(), O_PATH | O_CLOEXEC));
  return !place.open() || allow(rules, place.get(), access);
}

bool allow_all(int rules, const Plan& plan, std::uint64_t handled) {
  bool is_done = true;
  for (const auto& path : plan.read) is_done &= allow(rules, path, kRead & handled);
  for (const auto& path : plan.write) is_done &= allow(rules, path, kWrite & handled);
  for (const int fd : plan.read_fds) is_done &= allow(rules, fd, kRead & handled);
  for (const int fd : plan.write_fds) is_done &= allow(rules, fd, kWrite & handled);
  return is_done;
}

}  // namespace

int restrict_files(const Plan& plan) {
  const int version =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
  if (version < 1) return 0;
  const Handled handled = handled_by(version);
  const tunesmith::Descriptor rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, size_for(version), 0)));
  const bool is_in_force = rules.open() && allow_all(rules.get(), plan, handled.files) &&
                           syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
  return is_in_force ? version : 0;
}

}  // namespace confine
