#include "deadman/undo.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

#include "deadman/heirs.h"

namespace deadman {
namespace {

using tunesmith::Descriptor;

constexpr char kMagic[] = "tunesmith-undo/1 ";
constexpr std::size_t kStateAt = sizeof kMagic - 1, kWidth = 9, kSinceAt = kStateAt + 2 * (kWidth + 1),
                      kSinceWidth = 12, kBootAt = kSinceAt + kSinceWidth + 1, kHead = kBootAt + 36 + 1;

std::string padded(std::string text, std::size_t width) {
  text.resize(width, '_');
  return text;
}

std::string unpadded(const std::string& text) {
  return text.substr(0, text.find('_'));
}

std::string path_of(const std::string& dir, const std::string& id) {
  return dir + "/" + id + ".undo";
}

std::uint64_t ticks_now() {
  // Tasks' starts are told in hundredths of a second of this clock.
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 100 + now.tv_nsec / 10'000'000;
}

bool write_whole(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t put = write(fd, text.data() + at, text.size() - at);
    if (put <= 0) return false;
    at += put;
  }
  return true;
}

/// Gives a file its name, unless there is one of that name.
bool become(const std::string& part, const std::string& path) {
  if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without it: ids are not used twice, so nobody makes one meanwhile.
  errno = EEXIST;
  return access(path.c_str(), F_OK) != 0 && rename(part.c_str(), path.c_str()) == 0;
}

bool lock(int fd, Failure& failure) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  if (fcntl(fd, F_SETLK, &whole) == 0) return true;
  failure.error = EBUSY;
  if (fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK) failure.holder = whole.l_pid;
  return false;
}

std::string take(const std::string& line, std::size_t& at) {
  const std::size_t end = std::min(line.find('\t', at), line.size());
  std::string field = line.substr(std::min(at, line.size()), end - std::min(at, end));
  at = end + 1;
  return field;
}

}  // namespace

std::string boot_id() {
  static const std::string id = read_file("/proc/sys/kernel/random/boot_id").text.substr(0, 36);
  return id;
}

std::vector<std::string> undo_lists(const std::string& dir) {
  std::vector<std::string> ids;
  DIR* entries = opendir(dir.c_str());
  if (entries == nullptr) return ids;
  while (const dirent* entry = readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.size() > 5 && name[0] != '.' && name.ends_with(".undo"))
      ids.push_back(name.substr(0, name.size() - 5));
  }
  closedir(entries);
  std::sort(ids.begin(), ids.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a > b;
  });
  return ids;
}

std::optional<Undo> Undo::create(const std::string& dir, const std::string& id, const std::string& items,
                                 Failure& failure) {
  const std::string path = path_of(dir, id), part = dir + "/." + id + ".part";
  constexpr int kAnew = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  Descriptor file(::open(part.c_str(), kAnew, 0600));
  // Of one that was killed: ids are not used twice.
  if (!file.open() && errno == EEXIST && unlink(part.c_str()) == 0)
    file = Descriptor(::open(part.c_str(), kAnew, 0600));
  if (!file.open()) {
    failure.error = errno;
    return std::nullopt;
  }
  const std::string text = kMagic + padded("staging", kWidth) + " " + padded("-", kWidth) + " " +
                           padded(std::to_string(ticks_now()), kSinceWidth) + " " + boot_id() + "\n" + items;
  Undo made(dir, id, std::move(file));
  if (!made.parse(text)) {
    failure.error = EINVAL;
    unlink(part.c_str());
    return std::nullopt;
  }
  if (lock(made.file_.get(), failure)) {
    if (!write_whole(made.file_.get(), text) || !become(part, path))
      failure.error = errno != 0 ? errno : EIO;
    else
      return made;
  }
  unlink(part.c_str());
  return std::nullopt;
}

std::optional<Undo> Undo::open(const std::string& dir, const std::string& id, Failure& failure) {
  Descriptor file(::open(path_of(dir, id).c_str(), O_RDWR | O_CLOEXEC));
  if (!file.open()) {
    failure.error = errno;
    return std::nullopt;
  }
  if (!lock(file.get(), failure)) return std::nullopt;
  std::string text;
  char part[4096];
  ssize_t got = 0;
  while ((got = read(file.get(), part, sizeof part)) > 0) text.append(part, got);
  Undo found(dir, id, std::move(file));
  if (found.parse(text)) return found;
  failure.error = EINVAL;
  return std::nullopt;
}

bool Undo::is_of_this_boot() const {
  return boot_ == boot_id();
}

bool Undo::parse(std::string whole) {
  text_ = std::move(whole);
  const std::string& text = text_;
  if (!text.starts_with(kMagic) || text.size() < kHead || text[kHead - 1] != '\n') return false;
  state_ = unpadded(text.substr(kStateAt, kWidth));
  since_ = std::strtoull(text.c_str() + kSinceAt, nullptr, 10);
  boot_ = text.substr(kBootAt, 36);
  for (std::size_t at = kHead; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (!line.empty() && line[0] != '#') {
      std::size_t field = 0;
      take(line, field);
      Item item;
      const std::string kind = take(line, field);
      item.kind = kind == "slice" ? Kind::slice : kind == "policy" ? Kind::policy : Kind::file;
      item.place = take(line, field);
      item.before = take(line, field);
      item.after = take(line, field);
      if (item.place.empty() || item.before.empty() || item.after.empty()) return false;
      items_.push_back(std::move(item));
      offsets_.push_back(at);
    }
    at = end + 1;
  }
  return true;
}

bool Undo::set_state(const char* state, const std::string& reason) {
  state_ = state;
  const std::string head = padded(state, kWidth) + " " + padded(reason, kWidth);
  text_.replace(kStateAt, head.size(), head);
  return pwrite(file_.get(), text_.data(), text_.size(), 0) == static_cast<ssize_t>(text_.size());
}

void Undo::mark(std::size_t item, Fate fate) {
  text_[offsets_[item]] = static_cast<char>(fate);
}

void Undo::note(std::size_t item, const std::string& text) {
  std::string line = text.substr(0, 200);
  std::replace(line.begin(), line.end(), '\n', ' ');
  line = "#\t" + std::to_string(item) + "\t" + line + "\n";
  if (lseek(file_.get(), 0, SEEK_END) < 0 || !write_whole(file_.get(), line)) return;  // best effort
}

std::string Undo::apply() {
  const auto failed = [this](std::size_t at, const std::string& what, const std::string& found) {
    revert("refused");
    return std::to_string(at) + "\t" + what + "\t" + found;
  };
  bool any = items_.empty();
  for (std::size_t at = 0; at < items_.size(); ++at) {
    const Item& item = items_[at];
    Place place(item);
    const Reading now = place.read();
    // Tasks end all the time; a file that is gone means that the machine is not what it was taken for.
    const auto ended = [&](int error) { return item.kind == Kind::slice && error == ENOENT; };
    if (ended(now.error)) {
      mark(at, Fate::gone);
      continue;
    }
    if (now.error != 0) return failed(at, now.error == ENOENT ? "gone" : std::strerror(now.error), "");
    // Who stages a policy has attached it, and gave us the links that keep it.
    if (item.kind == Kind::policy) {
      if (now.text != item.after) return failed(at, "foreign", now.text);
      mark(at, Fate::staged);
      any = true;
      continue;
    }
    if (!is_value(item, now.text, item.before)) return failed(at, "foreign", now.text);
    const int error = place.write(item.after);
    const Reading kept = place.read();
    if (ended(error) || ended(kept.error)) {
      mark(at, Fate::gone);
      continue;
    }
    if (error != 0) return failed(at, error == ENOENT ? "gone" : std::strerror(error), "");
    if (kept.error != 0 || !is_value(item, kept.text, item.after)) {
      // Whatever the kernel made of it is our doing, so it is put back without asking whose it is.
      place.write(item.before);
      return failed(at, "kept", kept.text);
    }
    mark(at, Fate::staged);
    any = true;
  }
  if (!any) return failed(0, "gone", "");
  set_state("staged", "-");
  return "";
}

Fate Undo::undo(std::size_t at) {
  const Item& item = items_[at];
  Place place(item);
  const Reading now = place.read();
  if (now.error == ENOENT) return Fate::gone;
  if (now.error != 0) {
    note(at, std::strerror(now.error));
    return Fate::stuck;
  }
  if (!is_value(item, now.text, item.after)) {
    if (is_value(item, now.text, item.before)) return Fate::as_before;
    note(at, now.text);
    return Fate::foreign;
  }
  const bool is_policy = item.kind == Kind::policy;
  if (is_policy) links_.clear();
  const int error = is_policy ? 0 : place.write(item.before);
  if (error == ENOENT) return Fate::gone;
  const Reading kept = place.read();
  if (error == 0 && is_value(item, kept.text, item.before)) return Fate::put_back;
  note(at, error != 0 ? std::strerror(error) : kept.text);
  return Fate::stuck;
}

bool Undo::revert(const std::string& reason) {
  bool done = true;
  if (items_.empty()) links_.clear();
  for (std::size_t at = items_.size(); at-- > 0;) {
    const Fate fate = undo(at);
    mark(at, fate);
    done = done && fate != Fate::stuck;
  }
  done = revert_heirs() && done;
  set_state(done ? "reverted" : "stuck", reason);
  return done;
}

bool Undo::revert_heirs() {
  Heirs heirs(items_, since_);
  bool done = true;
  // Tasks with a slice of ours may be starting others meanwhile: look until none is new.
  for (int looks = 0; looks < 20; ++looks) {
    const std::vector<Item> found = heirs.find();
    if (found.empty()) break;
    for (const Item& heir : found) {
      const int error = Place(heir).write(heir.before);
      done = done && (error == 0 || error == ENOENT);
    }
  }
  return done;
}

void Undo::drop() {
  unlink(path_of(dir_, id_).c_str());
}

}  // namespace deadman
