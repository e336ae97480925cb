#include "deadman/heirs.h"

#include <dirent.h>

#include <cstdlib>

namespace deadman {
namespace {

std::vector<int> numbers_in(const std::string& dir) {
  std::vector<int> found;
  DIR* entries = opendir(dir.c_str());
  if (entries == nullptr) return found;
  while (const dirent* entry = readdir(entries))
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') found.push_back(std::atoi(entry->d_name));
  closedir(entries);
  return found;
}

/// 0 when it is gone, or has none.
int parent_of(int pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat").text;
  const std::size_t end = stat.rfind(')');
  return end == std::string::npos || end + 4 > stat.size() ? 0 : std::atoi(stat.c_str() + end + 4);
}

}  // namespace

Heirs::Heirs(const std::vector<Item>& items, std::uint64_t since) : since_(since) {
  for (const Item& item : items) {
    if (item.kind != Kind::slice) continue;
    listed_[std::atoi(item.place.c_str())] = &item;
    slices_.insert(item.after);
    seen_.insert(item.place);
  }
}

const Item* Heirs::origin_of(int pid) const {
  // 64 generations: no real tree is deeper, and a circle cannot keep us.
  for (int generation = 0; pid > 0 && generation < 64; ++generation, pid = parent_of(pid))
    if (const auto found = listed_.find(pid); found != listed_.end()) return found->second;
  return nullptr;
}

std::vector<Item> Heirs::find() {
  std::vector<Item> heirs;
  if (listed_.empty()) return heirs;
  for (const int pid : numbers_in("/proc")) {
    for (const int tid : numbers_in("/proc/" + std::to_string(pid) + "/task")) {
      const std::uint64_t start = start_of(tid);
      Item heir{Kind::slice, std::to_string(tid) + ":" + std::to_string(start), kOwn, ""};
      if (start < since_ || seen_.contains(heir.place)) continue;
      const Reading now = Place(heir).read();
      if (now.error != 0 || !slices_.contains(now.text)) continue;
      const Item* origin = origin_of(pid);
      if (origin == nullptr) continue;
      seen_.insert(heir.place);
      heir.before = origin->before;
      heirs.push_back(std::move(heir));
    }
  }
  return heirs;
}

}  // namespace deadman
