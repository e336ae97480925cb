#include "deadman/place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/sched_attr.h"

namespace deadman {
namespace {

std::string bases_file;

std::string policy_in_force(const std::string& enabling) {
  const std::string home = "/sys/kernel/sched_ext/";
  if (trimmed(read_file(home + "enable_seq").text) != enabling) return kNoPolicy;
  if (!read_file(home + "state").text.starts_with("enabled")) return kNoPolicy;
  const std::string name = trimmed(read_file(home + "root/ops").text);
  return name.empty() ? kNoPolicy : name;
}

}  // namespace

void keep_bases_in(const std::string& dir) {
  bases_file = dir + "/bases";
}

tunesmith::SliceBases& bases() {
  // This process never has a slice of its own for longer than a look, so what it then shows is the kernel's.
  static tunesmith::SliceBases known(bases_file, true);
  return known;
}

Place::Place(const Item& item) : item_(item) {
  if (!may_be_place(item.kind, item.place)) {
    error_ = EPERM;
    return;
  }
  if (item.kind == Kind::slice) {
    task_.emplace(task_named(item.place).tid);
    identity_ = task_->identity();
  } else if (item.kind == Kind::file) {
    KnobFile found = open_knob(item.place);
    file_ = std::move(found.fd);
    identity_ = std::move(found.identity);
    error_ = gone_or(found.error);
  }
  // A list from before a kernel could tell them apart, or a task that had ended, says nothing of it.
  const bool is_known = item.kind != Kind::policy && !item.identity.empty() && item.identity != "-";
  is_another_ = error_ == 0 && is_known && identity_ != "-" && identity_ != item.identity;
  if (is_another_) error_ = ENOENT;
}

bool Place::is_task_there() const {
  const TaskName task = task_named(item_.place);
  return !task_->has_ended() && stat_of(task.tid).start == task.start;
}

/// A cgroup that is removed while one of its files is open answers ENODEV, one in debugfs EIO.
int Place::gone_or(int error) const {
  if (error == ENODEV || error == ESRCH) return ENOENT;
  return error == EIO && access(item_.place.c_str(), F_OK) != 0 ? ENOENT : error;
}

Reading Place::read() {
  if (error_ != 0) return {error_, ""};
  if (item_.kind == Kind::policy) return {0, policy_in_force(item_.place)};
  if (item_.kind == Kind::slice) {
    const auto found = tunesmith::read_sched(task_named(item_.place).tid);
    // After the read: a number that went to another task in between is seen here.
    if (!is_task_there()) return {ENOENT, ""};
    is_classless_ = found.outcome.ok() && !tunesmith::takes_slice(found.policy);
    if (is_classless_) return {ENOENT, ""};
    return {gone_or(found.outcome.error), std::to_string(found.slice_ns)};
  }
  Reading now = is_stream_ ? read_again() : read_opened();
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
  return read_again();
}

/// The very file that is open, whatever has its path by now.
Reading Place::read_again() {
  return read_file("/proc/self/fd/" + std::to_string(file_.get()));
}

int Place::write(const std::string& text) {
  if (error_ != 0) return error_;
  if (item_.kind == Kind::policy) return EOPNOTSUPP;  // it is there as long as its links are held
  if (item_.kind == Kind::slice) return write_slice(text);
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

/// Looks right before and right after: the kernel sets a slice by number only.
int Place::write_slice(const std::string& text) {
  if (!is_task_there()) return ENOENT;
  const std::uint64_t slice = text == kOwn ? 0 : std::strtoull(text.c_str(), nullptr, 10);
  const int error = gone_or(tunesmith::set_slice(task_named(item_.place).tid, slice).error);
  return is_task_there() ? error : ENOENT;
}

bool is_value(const Item& item, const std::string& read, const std::string& meant) {
  if (item.kind != Kind::slice || meant != kOwn) return read == meant;
  return bases().has(std::strtoull(read.c_str(), nullptr, 10));
}

}  // namespace deadman
