#include "deadman/place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/descriptor.h"
#include "core/sched_attr.h"

namespace deadman {
namespace {

using tunesmith::Descriptor;

struct Task {
  int tid;
  std::uint64_t start;
};

Task task_of(const Item& item) {
  char* rest = nullptr;
  const long tid = std::strtol(item.place.c_str(), &rest, 10);
  return {static_cast<int>(tid), *rest == ':' ? std::strtoull(rest + 1, nullptr, 10) : 0};
}

bool is_there(const Task& task) {
  return task.start != 0 && start_of(task.tid) == task.start;
}

/// A cgroup that is removed while one of its files is open answers ENODEV.
int gone_or(int error) {
  return error == ENODEV || error == ESRCH ? ENOENT : error;
}

/// This process never has a slice of its own for longer than this, so what it then shows is the kernel's.
std::string base_slice() {
  tunesmith::set_slice(0, 0);
  return std::to_string(tunesmith::read_sched(0).slice_ns);
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\n") + 1 - first);
}

std::string policy_in_force(const std::string& enabling) {
  const std::string home = "/sys/kernel/sched_ext/";
  if (trimmed(read_file(home + "enable_seq").text) != enabling) return kNoPolicy;
  if (!read_file(home + "state").text.starts_with("enabled")) return kNoPolicy;
  const std::string name = trimmed(read_file(home + "root/ops").text);
  return name.empty() ? kNoPolicy : name;
}

}  // namespace

Reading read_file(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return {errno, ""};
  std::string text;
  char part[4096];
  ssize_t got = 0;
  do {
    got = read(file.get(), part, sizeof part);
    if (got > 0) text.append(part, got);
  } while (got == sizeof part && text.size() < 65536);
  return {got < 0 ? errno : 0, std::move(text)};
}

std::uint64_t start_of(int tid) {
  const std::string stat = read_file("/proc/" + std::to_string(tid) + "/stat").text;
  // The name, the second field, may hold anything, parentheses included. Fields: proc(5); the start is the
  // 22nd.
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::strtoull(stat.c_str() + at, nullptr, 10);
}

Place::Place(const Item& item) : item_(item) {
  if (item.kind != Kind::file) return;
  file_ = Descriptor(open(item.place.c_str(), O_RDWR | O_CLOEXEC));
  if (!file_.open()) error_ = gone_or(errno);
}

Reading Place::read() {
  if (item_.kind == Kind::policy) return {0, policy_in_force(item_.place)};
  if (item_.kind == Kind::slice) {
    const Task task = task_of(item_);
    const auto found = tunesmith::read_sched(task.tid);
    // After the read: a number that went to another task in between is seen here.
    if (!is_there(task)) return {ENOENT, ""};
    return {gone_or(found.outcome.error), std::to_string(found.slice_ns)};
  }
  if (error_ != 0) return {error_, ""};
  Reading now = is_stream_ ? read_file(item_.place) : read_opened();
  return {gone_or(now.error), trimmed(now.text)};
}

Reading Place::read_opened() {
  char text[4096];
  // Later from its beginning: the kernel makes the text of such a file anew then.
  const bool first = !std::exchange(was_read_, true);
  const ssize_t got =
      first ? ::read(file_.get(), text, sizeof text) : pread(file_.get(), text, sizeof text, 0);
  if (got >= 0) return {0, {text, static_cast<std::size_t>(got)}};
  if (errno != ESPIPE) return {errno, ""};
  is_stream_ = true;
  return read_file(item_.place);
}

int Place::write(const std::string& text) {
  if (item_.kind == Kind::policy) return EOPNOTSUPP;  // it is there as long as its links are held
  if (item_.kind == Kind::slice) {
    const Task task = task_of(item_);
    if (!is_there(task)) return ENOENT;
    const std::uint64_t slice = text == kOwn ? 0 : std::strtoull(text.c_str(), nullptr, 10);
    return gone_or(tunesmith::set_slice(task.tid, slice).error);
  }
  if (error_ != 0) return error_;
  ssize_t put = is_stream_ ? -1 : pwrite(file_.get(), text.data(), text.size(), 0);
  is_stream_ = is_stream_ || (put < 0 && errno == ESPIPE);
  if (is_stream_) put = ::write(file_.get(), text.data(), text.size());
  if (put < 0) return gone_or(errno);
  if (static_cast<std::size_t>(put) != text.size()) return EIO;
  if (is_stream_) return 0;
  // A plain file must not keep the end of a longer text; it is never empty, as O_TRUNC would have it for a
  // moment. The kernel's own files are of no length, and cannot be cut.
  struct stat now {};
  const bool longer = fstat(file_.get(), &now) == 0 && S_ISREG(now.st_mode) && now.st_size > put;
  if (longer && ftruncate(file_.get(), put) != 0) return 0;
  return 0;
}

bool is_value(const Item& item, const std::string& read, const std::string& meant) {
  return item.kind == Kind::slice && meant == kOwn ? read == base_slice() : read == meant;
}

}  // namespace deadman
