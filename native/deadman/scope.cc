#include "deadman/scope.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>

namespace deadman {
namespace {

using tunesmith::Descriptor;

/// Deeper than any real hierarchy.
constexpr int kMostDepth = 64;

bool is_there(const TaskName& task) {
  return task.tid > 0 && stat_of(task.tid).start == task.start;
}

void add_threads(int pid, std::set<int>& tasks) {
  const std::vector<int> found = numbers_in("/proc/" + std::to_string(pid) + "/task");
  tasks.insert(found.begin(), found.end());
}

/// The processes of living tasks, and all processes below those.
std::set<int> with_descendants(const std::set<int>& roots) {
  std::multimap<int, int> children;
  for (const int pid : numbers_in("/proc"))
    if (const TaskStat stat = stat_of(pid); stat.start != 0) children.emplace(stat.parent, pid);
  std::set<int> found;
  std::vector<int> waiting(roots.begin(), roots.end());
  while (!waiting.empty()) {
    const int pid = waiting.back();
    waiting.pop_back();
    if (!found.insert(pid).second) continue;
    for (auto [at, end] = children.equal_range(pid); at != end; ++at) waiting.push_back(at->second);
  }
  return found;
}

/// By descriptor, so that a directory that comes back under the same path is not taken for this one.
void add_group(int dir, int depth, std::set<int>& tasks) {
  const std::string way = "/proc/self/fd/" + std::to_string(dir);
  for (const char* name : {"/cgroup.threads", "/tasks"}) {
    std::string text;
    const Descriptor file(open((way + name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.open()) continue;
    char part[4096];
    ssize_t got = 0;
    while ((got = read(file.get(), part, sizeof part)) > 0) text.append(part, got);
    for (const std::string& line : split(text, '\n'))
      if (const int tid = std::atoi(line.c_str()); tid > 0) tasks.insert(tid);
    break;
  }
  DIR* entries = depth < kMostDepth ? opendir(way.c_str()) : nullptr;
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
    const Descriptor below(openat(dir, entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (below.open()) add_group(below.get(), depth + 1, tasks);
  }
  closedir(entries);
}

}  // namespace

bool parse_scope(const std::string& line, Scope& scope) {
  const std::vector<std::string> fields = split(line, '\t');
  const auto are_tasks = [&](std::size_t from) {
    for (std::size_t i = from; i < fields.size(); ++i)
      if (task_named(fields[i]).tid == 0) return false;
    return fields.size() > from;
  };
  if (fields[0] == "-") {
    if (!are_tasks(1)) return false;
    scope.left.insert(fields.begin() + 1, fields.end());
    return true;
  }
  if (fields[0] != "@" || fields.size() < 3 || scope.kind != Scope::Kind::none) return false;
  if (fields[1] == "cgroup") {
    if (fields.size() > 4) return false;
    scope.kind = Scope::Kind::cgroup;
    scope.path = fields[2];
    scope.identity = fields.size() == 4 ? fields[3] : open_cgroup(scope.path).identity;
    return true;
  }
  if ((fields[1] != "pid" && fields[1] != "tree") || !are_tasks(2)) return false;
  scope.kind = fields[1] == "pid" ? Scope::Kind::pid : Scope::Kind::tree;
  scope.processes.assign(fields.begin() + 2, fields.end());
  return true;
}

std::string text_of(const Scope& scope) {
  std::string text;
  if (scope.kind == Scope::Kind::cgroup) text = "@\tcgroup\t" + scope.path + "\t" + scope.identity;
  if (scope.kind == Scope::Kind::pid) text = "@\tpid";
  if (scope.kind == Scope::Kind::tree) text = "@\ttree";
  for (const std::string& process : scope.processes) text += "\t" + process;
  if (!text.empty()) text += "\n";
  for (const std::string& task : scope.left) text += "-\t" + task + "\n";
  return text;
}

std::set<int> tasks_in(const Scope& scope, const std::vector<Item>& items) {
  std::set<int> tasks;
  if (scope.kind == Scope::Kind::cgroup) {
    const KnobFile group = open_cgroup(scope.path);
    if (group.error == 0 && group.identity == scope.identity) add_group(group.fd.get(), 0, tasks);
  } else {
    std::set<int> roots;
    for (const std::string& process : scope.processes)
      if (const TaskName name = task_named(process); is_there(name)) roots.insert(name.tid);
    if (scope.kind == Scope::Kind::tree) {
      for (const Item& item : items)
        if (const TaskName name = task_named(item.place); item.kind == Kind::slice && is_there(name))
          roots.insert(process_of(name.tid));
      roots = with_descendants(roots);
    }
    for (const int pid : roots) add_threads(pid, tasks);
  }
  const int owner = getppid();
  std::erase_if(tasks, [owner](int tid) {
    const int process = process_of(tid);
    return process <= 1 || process == getpid() || process == owner || stat_of(tid).is_kernel_thread;
  });
  return tasks;
}

}  // namespace deadman
