#pragma once
// The undo list of one change, in a file that outlives every process of ours. Its first line has fields of
// fixed width and each item begins with one letter, so what became of it is written in place: a full disk
// cannot stop an undo.
//
//   tunesmith-undo/1 STATE____ REASON___ SINCE_______ BOOT-ID
//   LETTER <tab> file|slice|policy <tab> PLACE <tab> BEFORE <tab> AFTER
//   # <tab> INDEX <tab> what was found instead (appended, best effort)
//
// STATE: staging, staged, committed, reverted, stuck. SINCE: clock ticks after boot when it was staged.
// LETTER: see Fate. Whoever works on a file holds a POSIX record lock on it, so F_GETLK names the process.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/descriptor.h"
#include "deadman/place.h"

namespace deadman {

enum class Fate : char {
  untouched = '.',
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

class Undo {
 public:
  /// Writes the list, whole or not at all, and locks it. `items` is what follows the first line.
  static std::optional<Undo> create(const std::string& dir, const std::string& id, const std::string& items,
                                    Failure& failure);
  /// Opens and locks a list that is there. EBUSY when a process is at work on it.
  static std::optional<Undo> open(const std::string& dir, const std::string& id, Failure& failure);

  const std::string& id() const { return id_; }
  const std::string& state() const { return state_; }
  /// Whether it was written in this boot: values of another are gone with it.
  bool is_of_this_boot() const;

  /// Puts every item in force, each read back. The first that fails undoes all: "" or what failed,
  /// "INDEX <tab> foreign|gone|kept|ERRNO <tab> what was found".
  std::string apply();
  /// Puts every item back, the last first, and leaves what is somebody else's. False: something is stuck.
  bool revert(const std::string& reason);
  bool commit() { return set_state("committed", "-"); }
  /// Takes over what is to be closed when it is put back, such as BPF links: the kernel closes them when we
  /// die, too.
  void hold(std::vector<tunesmith::Descriptor> links) { links_ = std::move(links); }
  bool holds_links() const { return !links_.empty(); }
  /// Removes the file of a change that never was in force.
  void drop();

 private:
  Undo(std::string dir, std::string id, tunesmith::Descriptor file)
      : dir_(std::move(dir)), id_(std::move(id)), file_(std::move(file)) {}

  bool parse(std::string whole);
  bool set_state(const char* state, const std::string& reason);
  void mark(std::size_t item, Fate fate);
  void note(std::size_t item, const std::string& text);
  Fate undo(std::size_t item);
  bool revert_heirs();

  std::string dir_;
  std::string id_;
  tunesmith::Descriptor file_;
  std::string state_;
  std::string boot_;
  std::uint64_t since_ = 0;
  std::vector<Item> items_;
  /// Where each item's letter is in the text.
  std::vector<std::size_t> offsets_;
  /// The file as it is to be: fates are told with the next state, in one write.
  std::string text_;
  std::vector<tunesmith::Descriptor> links_;
};

/// This boot's id, 36 letters.
std::string boot_id();
/// Ids of the undo lists in a directory, the newest first (`c12` before `c9`).
std::vector<std::string> undo_lists(const std::string& dir);

}  // namespace deadman
