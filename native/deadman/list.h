#pragma once
// The file of an undo list, which outlives every process of ours. Its first line has fields of fixed width
// and each item begins with one letter, so what became of it is written in place: a full disk cannot stop an
// undo.
//
//   tunesmith-undo/1 STATE____ REASON___ SINCE_______ BOOT-ID
//   LETTER <tab> file|slice|policy <tab> PLACE <tab> BEFORE <tab> AFTER <tab> IDENTITY
//   @ <tab> pid|tree <tab> TID:START…       whose tasks the slices are for, or
//   @ <tab> cgroup <tab> PATH <tab> IDENTITY
//   - <tab> TID:START…                      tasks that are never touched
//   # <tab> INDEX <tab> what was found instead (appended, best effort)
//
// STATE: staging, staged, committed, reverted, stuck. SINCE: clock ticks after boot of the first write.
// LETTER: see Fate. Whoever works on a file holds a POSIX record lock on it, so F_GETLK names the process.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/descriptor.h"
#include "deadman/place.h"
#include "deadman/scope.h"

namespace deadman {

enum class Fate : char {
  untouched = '.',
  /// About to be written, or written.
  staged = 's',
  put_back = 'p',
  as_before = 'b',
  foreign = 'f',
  gone = 'g',
  stuck = 'x',
};

/// Why a file could not be opened or made. `holder`: the process that is at work on it.
struct Failure {
  int error = 0;
  pid_t holder = 0;
};

class List {
 public:
  /// Writes the list, whole or not at all, and locks it. `items` is what follows the first line.
  static std::optional<List> create(const std::string& dir, const std::string& id, const std::string& items,
                                    Failure& failure);
  /// Opens and locks a list that is there. EBUSY when a process is at work on it, EPERM when it may be
  /// another's or names what is no knob: nothing of it may be done then.
  static std::optional<List> open(const std::string& dir, const std::string& id, Failure& failure);

  const std::string& state() const { return state_; }
  const std::string& boot() const { return boot_; }
  std::uint64_t since() const { return since_; }
  const std::vector<Item>& items() const { return items_; }
  const Scope& scope() const { return scope_; }
  Fate fate(std::size_t item) const { return fates_[item]; }

  bool set_state(const char* state, const std::string& reason);
  /// In place, at once. False when it could not be written.
  bool mark(std::size_t item, Fate fate);
  void note(std::size_t item, const std::string& text);
  const std::string& note_of(std::size_t item) const { return notes_[item]; }
  /// One more item, found on the way. False when there is no room, and none is added then.
  bool add(const Item& item);

 private:
  List() = default;

  bool parse(const std::string& text);
  bool parse_line(const std::string& line, std::size_t at);
  std::string text_of_items() const;

  tunesmith::Descriptor file_;
  std::string state_;
  std::string boot_;
  std::uint64_t since_ = 0;
  Scope scope_;
  std::vector<Item> items_;
  std::vector<Fate> fates_;
  std::vector<std::string> notes_;
  /// Where each item's letter is in the file.
  std::vector<std::size_t> offsets_;
};

/// This boot's id, 36 letters.
std::string boot_id();
/// Whether that may name a change: `c12`.
bool is_id(const std::string& id);
/// The order of staging: `c9` before `c10`.
bool is_earlier(const std::string& a, const std::string& b);
/// Ids of the undo lists in a directory, the newest first.
std::vector<std::string> undo_lists(const std::string& dir);
/// Whether a directory of lists is this user's alone: 0, or an errno value (EPERM when it is not).
int check_dir(const std::string& dir);

}  // namespace deadman
