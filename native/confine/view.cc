#include "confine/view.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "core/descriptor.h"

namespace confine {
namespace {

/// Where the new root is put together: a directory that every machine has. It is covered in this process
/// alone.
constexpr char kScaffold[] = "/usr";
constexpr char kDescriptors[] = "/proc/self/fd";

bool put(const char* path, const std::string& text) {
  const tunesmith::Descriptor file(open(path, O_WRONLY | O_CLOEXEC));
  return file.get() >= 0 && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// As root by right, as anybody else as who has a user namespace of one's own.
bool leave_namespaces() {
  constexpr int kOwn = CLONE_NEWNS | CLONE_NEWIPC;
  if (unshare(kOwn) == 0) return true;
  const std::string uid = std::to_string(geteuid()), gid = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | kOwn) != 0) return false;
  return put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", uid + " " + uid + " 1") &&
         put("/proc/self/gid_map", gid + " " + gid + " 1");
}

/// A part of the old root, detached, for its place in the new one.
struct Part {
  std::string path;
  tunesmith::Descriptor tree;
  bool is_directory;
  bool is_writable;
};

/// Another name of a part.
struct Link {
  std::string path, target;
};

/// Makes the directories above a place of the new root, which is the working directory.
void make_way(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    mkdir(path.substr(1, at - 1).c_str(), 0755);
}

bool is_below(const std::string& path, const std::vector<Part>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return path == part.path || (part.is_directory && path.starts_with(part.path + "/"));
  });
}

bool collect(const std::string& path, bool is_writable, std::vector<Part>& parts, std::vector<Link>& links) {
  char* const found = realpath(path.c_str(), nullptr);
  if (found == nullptr) return true;
  // The descriptors' directory is by its number what it is as "self".
  const std::string real = path == kDescriptors ? path : found;
  std::free(found);
  if (real != path) links.push_back({path, real});
  if (is_below(real, parts)) return true;
  struct stat about {};
  if (stat(real.c_str(), &about) != 0) return true;
  const int tree = static_cast<int>(
      syscall(SYS_open_tree, AT_FDCWD, real.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (tree < 0) return false;
  parts.push_back({real, tunesmith::Descriptor(tree), S_ISDIR(about.st_mode), is_writable});
  return true;
}

bool place(const Part& part) {
  make_way(part.path);
  const char* const target = part.path.c_str() + 1;
  if (part.is_directory) {
    mkdir(target, 0755);
  } else {
    const tunesmith::Descriptor file(open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
  }
  mount_attr kept{};
  kept.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (part.is_writable ? 0 : MOUNT_ATTR_RDONLY);
  return syscall(SYS_mount_setattr, part.tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &kept, sizeof kept) ==
             0 &&
         syscall(SYS_move_mount, part.tree.get(), "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

/// The new root takes the old one's place; the old one goes.
bool turn() {
  if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
    return false;
  return mount(nullptr, "/", nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0;
}

}  // namespace

bool enter_view(const Plan& plan) {
  char here[PATH_MAX];
  if (getcwd(here, sizeof here) == nullptr || !leave_namespaces()) return false;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  std::vector<Part> parts;
  std::vector<Link> links;
  std::vector<std::string> paths = plan.read;
  if (!plan.read_fds.empty() || !plan.write_fds.empty()) paths.emplace_back(kDescriptors);
  // What lies above comes first.
  std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  for (const std::string& path : plan.write)
    if (!collect(path, true, parts, links)) return false;
  for (const std::string& path : paths)
    if (!collect(path, false, parts, links)) return false;
  if (mount("none", kScaffold, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0) return false;
  if (chdir(kScaffold) == 0 && std::all_of(parts.begin(), parts.end(), place)) {
    for (const Link& link : links) {
      make_way(link.path);
      // Where the name lies in a part it is there already.
      if (symlink(link.target.c_str(), link.path.c_str() + 1) != 0) continue;
    }
    // Where the working directory is no part of the view it is the root.
    if (turn()) return chdir(here) == 0 || chdir("/") == 0;
  }
  umount2(kScaffold, MNT_DETACH);
  return false;
}

}  // namespace confine
