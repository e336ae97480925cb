#pragma once
// Threads and children inherit a slice. When slices are put back, tasks that were started since then from
// those of the list have ours too, and are to have what their process or the nearest ancestor on the list
// had.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "deadman/place.h"

namespace deadman {

class Heirs {
 public:
  /// `since`: clock ticks after boot when the list was staged; older tasks cannot have inherited.
  Heirs(const std::vector<Item>& items, std::uint64_t since);
  /// Tasks with a slice of ours that were not found before, with what is to be put back.
  std::vector<Item> find();

 private:
  const Item* origin_of(int pid) const;

  std::uint64_t since_;
  /// Items by task.
  std::map<int, const Item*> listed_;
  std::set<std::string> slices_;
  std::set<std::string> seen_;
};

}  // namespace deadman
