#pragma once
// One value of the kernel's, as text: a file, the slice of a task, or the sched_ext policy in force.
#include <cstdint>
#include <string>

#include "core/descriptor.h"

namespace deadman {

/// Stands for the kernel's own slice: the task has none of its own.
inline constexpr const char* kOwn = "own";

/// Stands for the kernel's own scheduler.
inline constexpr const char* kNoPolicy = "none";

enum class Kind { file, slice, policy };

struct Item {
  Kind kind = Kind::file;
  /// A path; TID:START; for a policy which enabling of one it is (/sys/kernel/sched_ext/enable_seq), so that
  /// another of that name is not taken for it.
  std::string place;
  std::string before;
  std::string after;
};

/// `error` is an errno value; ENOENT: the file or the task is gone.
struct Reading {
  int error = 0;
  std::string text;
};

/// The place of an item, opened once for all that is done there.
class Place {
 public:
  explicit Place(const Item& item);
  Reading read();
  /// One write of the whole text; never makes a file. Returns an errno value.
  int write(const std::string& text);

 private:
  Reading read_opened();

  const Item& item_;
  tunesmith::Descriptor file_;
  int error_ = 0;
  bool was_read_ = false;
  /// Cannot be read or written from its beginning again: numbers in debugfs.
  bool is_stream_ = false;
};

/// Whether what was read is the value meant; `own` is whatever slice the kernel gives now.
bool is_value(const Item& item, const std::string& read, const std::string& meant);

/// Clock ticks after boot at which a task started; 0 when it is gone.
std::uint64_t start_of(int tid);
/// The whole of a small file, or what is there of it up to 64 KiB; errno in `error`.
Reading read_file(const std::string& path);

}  // namespace deadman
