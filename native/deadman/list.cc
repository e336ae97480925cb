#include "deadman/list.h"

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

namespace deadman {
namespace {

using tunesmith::Descriptor;

constexpr char kMagic[] = "tunesmith-undo/1 ";
constexpr std::size_t kStateAt = sizeof kMagic - 1, kWidth = 9, kSinceAt = kStateAt + 2 * (kWidth + 1),
                      kSinceWidth = 12, kBootAt = kSinceAt + kSinceWidth + 1, kHead = kBootAt + 36 + 1;
/// Far more than any scope's tasks need.
constexpr std::size_t kMostBytes = 8 << 20;

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

/// A regular file of this user's that nobody else may write, and that has no second name somewhere.
bool is_ours(int fd) {
  struct stat what {};
  return fstat(fd, &what) == 0 && S_ISREG(what.st_mode) && what.st_uid == geteuid() &&
         (what.st_mode & (S_IWGRP | S_IWOTH)) == 0 && what.st_nlink == 1;
}

std::string head_of(const std::string& state, const std::string& reason) {
  return padded(state, kWidth) + " " + padded(reason, kWidth);
}

std::string line_of(Fate fate, const Item& item) {
  const char* kind = item.kind == Kind::slice ? "slice" : item.kind == Kind::policy ? "policy" : "file";
  return std::string(1, static_cast<char>(fate)) + "\t" + kind + "\t" + item.place + "\t" + item.before +
         "\t" + item.after + "\t" + item.identity + "\n";
}

}  // namespace

std::string boot_id() {
  static const std::string id = read_file("/proc/sys/kernel/random/boot_id").text.substr(0, 36);
  return id;
}

bool is_id(const std::string& id) {
  return id.size() > 1 && id.size() < 17 && id[0] == 'c' && id[1] != '0' &&
         std::all_of(id.begin() + 1, id.end(), [](char letter) { return letter >= '0' && letter <= '9'; });
}

bool is_earlier(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::vector<std::string> undo_lists(const std::string& dir) {
  std::vector<std::string> ids;
  DIR* entries = opendir(dir.c_str());
  if (entries == nullptr) return ids;
  while (const dirent* entry = readdir(entries)) {
    const std::string name = entry->d_name;
    if (name.size() > 5 && name.ends_with(".undo") && is_id(name.substr(0, name.size() - 5)))
      ids.push_back(name.substr(0, name.size() - 5));
  }
  closedir(entries);
  std::sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) { return is_earlier(b, a); });
  return ids;
}

int check_dir(const std::string& dir) {
  const Descriptor home(open(dir.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!home.open()) return errno;
  struct stat what {};
  if (fstat(home.get(), &what) != 0) return errno;
  return what.st_uid == geteuid() && (what.st_mode & (S_IWGRP | S_IWOTH)) == 0 ? 0 : EPERM;
}

std::optional<List> List::create(const std::string& dir, const std::string& id, const std::string& items,
                                 Failure& failure) {
  const std::string path = path_of(dir, id), part = dir + "/." + id + ".part";
  constexpr int kAnew = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  List made;
  const std::string head = kMagic + head_of("staging", "-") + " " +
                           padded(std::to_string(ticks_now()), kSinceWidth) + " " + boot_id() + "\n";
  if (!is_id(id) || !made.parse(head + items)) {
    failure.error = EINVAL;
    return std::nullopt;
  }
  made.file_ = Descriptor(::open(part.c_str(), kAnew, 0600));
  // Of one that was killed: ids are not used twice.
  if (!made.file_.open() && errno == EEXIST && unlink(part.c_str()) == 0)
    made.file_ = Descriptor(::open(part.c_str(), kAnew, 0600));
  if (!made.file_.open()) {
    failure.error = errno;
    return std::nullopt;
  }
  std::string text = head;
  for (std::size_t at = 0; at < made.items_.size(); ++at) {
    Item& item = made.items_[at];
    item.identity = Place(item).identity();
    made.fates_[at] = Fate::untouched;
    made.offsets_[at] = text.size();
    text += line_of(Fate::untouched, item);
  }
  text += text_of(made.scope_);
  if (lock(made.file_.get(), failure)) {
    if (!write_whole(made.file_.get(), text) || !become(part, path))
      failure.error = errno != 0 ? errno : EIO;
    else
      return made;
  }
  unlink(part.c_str());
  return std::nullopt;
}

std::optional<List> List::open(const std::string& dir, const std::string& id, Failure& failure) {
  List found;
  failure.error = is_id(id) ? check_dir(dir) : EINVAL;
  if (failure.error != 0) return std::nullopt;
  found.file_ = Descriptor(::open(path_of(dir, id).c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!found.file_.open()) {
    failure.error = errno;
    return std::nullopt;
  }
  if (!is_ours(found.file_.get())) {
    failure.error = EPERM;
    return std::nullopt;
  }
  if (!lock(found.file_.get(), failure)) return std::nullopt;
  std::string text;
  char part[4096];
  ssize_t got = 0;
  while (text.size() < kMostBytes && (got = read(found.file_.get(), part, sizeof part)) > 0)
    text.append(part, got);
  failure.error = EINVAL;
  if (!found.parse(text)) return std::nullopt;
  failure.error = EPERM;
  for (const Item& item : found.items_)
    if (Place(item).error() == EPERM) return std::nullopt;
  failure.error = 0;
  return found;
}

bool List::parse(const std::string& text) {
  if (!text.starts_with(kMagic) || text.size() < kHead || text[kHead - 1] != '\n') return false;
  state_ = unpadded(text.substr(kStateAt, kWidth));
  since_ = std::strtoull(text.c_str() + kSinceAt, nullptr, 10);
  boot_ = text.substr(kBootAt, 36);
  for (std::size_t at = kHead; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (!parse_line(text.substr(at, end - at), at)) return false;
    at = end + 1;
  }
  return true;
}

bool List::parse_line(const std::string& line, std::size_t at) {
  if (line.empty()) return true;
  if (line[0] == '@' || line[0] == '-') return parse_scope(line, scope_);
  const std::vector<std::string> fields = split(line, '\t');
  if (line[0] == '#') {
    const std::size_t index =
        fields.size() > 2 ? std::strtoul(fields[1].c_str(), nullptr, 10) : items_.size();
    if (index < items_.size()) notes_[index] = fields[2];
    return true;
  }
  if (fields.size() < 5 || fields.size() > 6 || fields[0].size() != 1) return false;
  if (std::strchr(".spbfgx", fields[0][0]) == nullptr) return false;
  if (fields[1] != "file" && fields[1] != "slice" && fields[1] != "policy") return false;
  Item item;
  item.kind = fields[1] == "slice" ? Kind::slice : fields[1] == "policy" ? Kind::policy : Kind::file;
  item.place = fields[2];
  item.before = fields[3];
  item.after = fields[4];
  if (fields.size() == 6) item.identity = fields[5];
  if (item.before.empty() || item.after.empty() || !may_be_place(item.kind, item.place)) return false;
  items_.push_back(std::move(item));
  fates_.push_back(static_cast<Fate>(fields[0][0]));
  notes_.emplace_back();
  offsets_.push_back(at);
  return true;
}

bool List::set_state(const char* state, const std::string& reason) {
  state_ = state;
  const std::string head = head_of(state, reason);
  return pwrite(file_.get(), head.data(), head.size(), kStateAt) == static_cast<ssize_t>(head.size());
}

bool List::mark(std::size_t item, Fate fate) {
  if (fates_[item] == fate) return true;
  fates_[item] = fate;
  const char letter = static_cast<char>(fate);
  return pwrite(file_.get(), &letter, 1, static_cast<off_t>(offsets_[item])) == 1;
}

void List::note(std::size_t item, const std::string& text) {
  notes_[item] = text.substr(0, 200);
  std::replace_if(
      notes_[item].begin(), notes_[item].end(), [](unsigned char letter) { return letter < ' '; }, ' ');
  const std::string line = "#\t" + std::to_string(item) + "\t" + notes_[item] + "\n";
  if (lseek(file_.get(), 0, SEEK_END) < 0 || !write_whole(file_.get(), line)) return;  // best effort
}

bool List::add(const Item& item) {
  const off_t end = lseek(file_.get(), 0, SEEK_END);
  if (end < 0) return false;
  if (!write_whole(file_.get(), line_of(Fate::staged, item))) {
    // No half line: what comes after it would be read as a part of it.
    return ftruncate(file_.get(), end) == 0 && false;
  }
  items_.push_back(item);
  fates_.push_back(Fate::staged);
  notes_.emplace_back();
  offsets_.push_back(static_cast<std::size_t>(end));
  return true;
}

}  // namespace deadman
