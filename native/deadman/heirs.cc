#include "deadman/heirs.h"

#include <cstdlib>

#include "core/sched_attr.h"

namespace deadman {
namespace {

/// A list has room for that many more than were staged; a scope that starts tasks faster is no service.
constexpr std::size_t kMostLate = 20'000;

/// A task as an item: what it has now as text; false when it is gone or takes no slice.
bool look_at(Item& item, std::string& slice) {
  Place place(item);
  const Reading now = place.read();
  item.identity = place.identity();
  slice = now.text;
  return now.error == 0;
}

}  // namespace

Heirs::Heirs(const List& list) : list_(list), left_(list.scope().left) {
  take_in();
}

/// The list grows by what is found.
void Heirs::take_in() {
  listed_.clear();
  for (const Item& item : list_.items()) {
    if (item.kind != Kind::slice) continue;
    listed_[task_named(item.place).tid] = &item;
    slices_.insert(item.after);
    seen_.insert(item.place);
  }
}

bool Heirs::inherits(std::uint64_t start, const std::string& slice) const {
  return start >= list_.since() && slices_.contains(slice);
}

/// The nearest task of the list above a process, that one included. A number that another has by now leads
/// nowhere: a stranger has inherited nothing.
const Item* Heirs::origin_of(int process) const {
  // 64 generations: no real tree is deeper, and a circle cannot keep us.
  for (int generation = 0; process > 0 && generation < 64; ++generation) {
    const TaskStat stat = stat_of(process);
    const auto found = listed_.find(process);
    if (found != listed_.end() && task_named(found->second->place).start == stat.start) return found->second;
    process = stat.parent;
  }
  return nullptr;
}

std::vector<Item> Heirs::late() {
  take_in();
  std::vector<Item> late;
  if (slices_.empty() || list_.items().size() > kMostLate) return late;
  for (const int tid : tasks_in(list_.scope(), list_.items())) {
    Item item{Kind::slice, name_of(tid, stat_of(tid).start), kOwn, *slices_.begin(), ""};
    std::string slice;
    if (is_known(item.place) || !look_at(item, slice)) continue;
    if (inherits(task_named(item.place).start, slice)) {
      if (const Item* origin = origin_of(process_of(tid))) item.before = origin->before;
    } else if (!bases().has(std::strtoull(slice.c_str(), nullptr, 10))) {
      item.before = slice;
    }
    seen_.insert(item.place);
    late.push_back(std::move(item));
  }
  return late;
}

std::vector<Item> Heirs::heirs() {
  take_in();
  std::vector<Item> heirs;
  if (listed_.empty()) return heirs;
  const std::set<int> scope = tasks_in(list_.scope(), list_.items());
  for (const int process : numbers_in("/proc")) {
    for (const int tid : numbers_in("/proc/" + std::to_string(process) + "/task")) {
      const std::uint64_t start = stat_of(tid).start;
      if (start < list_.since()) continue;
      Item heir{Kind::slice, name_of(tid, start), kOwn, "", ""};
      std::string slice;
      if (is_known(heir.place) || !look_at(heir, slice) || !slices_.contains(slice)) continue;
      const Item* origin = origin_of(process);
      if (origin == nullptr && !scope.contains(tid)) continue;
      seen_.insert(heir.place);
      heir.after = slice;
      if (origin != nullptr) heir.before = origin->before;
      heirs.push_back(std::move(heir));
    }
  }
  return heirs;
}

}  // namespace deadman
