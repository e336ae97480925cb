#pragma once
// Whose tasks a change of slices is for.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "deadman/place.h"

namespace deadman {

struct Scope {
  enum class Kind { none, pid, tree, cgroup };
  Kind kind = Kind::none;
  /// TID:START of processes: all of them with their threads, or the roots of trees.
  std::vector<std::string> processes;
  /// A cgroup's directory, and what tells it from one made again there.
  std::string path;
  std::string identity;
  /// TID:START of tasks that somebody else has set: never touched.
  std::set<std::string> left;
};

/// A line of a list that begins with @ or -. False when it is none.
bool parse_scope(const std::string& line, Scope& scope);
/// Such lines.
std::string text_of(const Scope& scope);

/// The tasks in a scope now, by number. `items`: a tree's stay in it, with what they start, when their parent
/// has ended. Kernel threads, PID 1 and this program with who started it are never among them.
std::set<int> tasks_in(const Scope& scope, const std::vector<Item>& items);

}  // namespace deadman
