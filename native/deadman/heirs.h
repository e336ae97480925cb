#pragma once
// Threads and children inherit a slice, and a scope's tasks come and go. This finds the tasks that a list of
// slices does not name and is to have: those of its scope while it is put in force, those that took a slice
// of ours along when it is put back.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "deadman/list.h"

namespace deadman {

class Heirs {
 public:
  explicit Heirs(const List& list);

  /// Tasks of the scope that the list does not name: what they have, and what they are to have. One that is
  /// younger than the first write and has our value has inherited it.
  std::vector<Item> late();
  /// Tasks that are younger than the first write and have a slice of ours: they are of the scope, or a living
  /// task of the list is above them. With what they would have without us.
  std::vector<Item> heirs();

 private:
  void take_in();
  bool inherits(std::uint64_t start, const std::string& slice) const;
  const Item* origin_of(int process) const;
  bool is_known(const std::string& place) const { return seen_.contains(place) || left_.contains(place); }

  const List& list_;
  /// Items by task.
  std::map<int, const Item*> listed_;
  std::set<std::string> slices_;
  std::set<std::string> seen_;
  const std::set<std::string>& left_;
};

}  // namespace deadman
