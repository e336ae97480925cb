#include "deadman/undo.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include "deadman/heirs.h"

namespace deadman {
namespace {

/// Looks after which tasks still appear: all that could start one are set by then, so the rest inherit.
constexpr int kMostLooks = 20;

/// A task that is being started has its parent's slice before it can be seen.
void wait_for_births() {
  const timespec pause{0, 500'000};
  nanosleep(&pause, nullptr);
}

std::string why_gone(const Place& place) {
  if (place.is_another()) return "it was removed, and another is in its place";
  return place.is_classless() ? "it went to another scheduling class" : "";
}

}  // namespace

std::optional<Undo> Undo::create(const std::string& dir, const std::string& id, const std::string& items,
                                 Failure& failure) {
  auto list = List::create(dir, id, items, failure);
  return list ? std::optional(Undo(std::move(*list))) : std::nullopt;
}

std::optional<Undo> Undo::open(const std::string& dir, const std::string& id, Failure& failure) {
  auto list = List::open(dir, id, failure);
  return list ? std::optional(Undo(std::move(*list))) : std::nullopt;
}

std::string Undo::apply() {
  bool any = list_.items().empty();
  for (std::size_t at = 0; at < asked_; ++at) {
    const std::string failed = apply_one(at, any);
    if (failed.empty()) continue;
    revert("refused");
    return std::to_string(at) + "\t" + failed;
  }
  any = apply_late() || any;
  if (!any) return "0\tgone\t";
  bases().look();
  list_.set_state("staged", "-");
  return "";
}

std::string Undo::apply_one(std::size_t at, bool& any) {
  const Item& item = list_.items()[at];
  Place place(item);
  const Reading now = place.read();
  // Tasks end all the time; a file that is gone means that the machine is not what it was taken for.
  const auto ended = [&](int error) {
    if (item.kind != Kind::slice || error != ENOENT) return false;
    list_.mark(at, Fate::gone);
    return true;
  };
  const auto failed = [&](const std::string& what, const std::string& found) { return what + "\t" + found; };
  if (ended(now.error)) return "";
  if (now.error != 0) return failed(now.error == ENOENT ? "gone" : std::strerror(now.error), why_gone(place));
  // Who stages a policy has attached it, and gave us the links that keep it.
  if (item.kind == Kind::policy) {
    if (now.text != item.after) return failed("foreign", now.text);
    list_.mark(at, Fate::staged);
    any = true;
    return "";
  }
  if (!is_value(item, now.text, item.before)) {
    list_.mark(at, Fate::foreign);
    list_.note(at, now.text);
    return failed("foreign", now.text);
  }
  // Before the write: whoever finds the list knows what we may have written, and what we have not.
  if (!list_.mark(at, Fate::staged)) return failed(std::strerror(errno), "");
  const int error = place.write(item.after);
  const Reading kept = place.read();
  if (ended(error) || ended(kept.error)) return "";
  if (error != 0) return failed(error == ENOENT ? "gone" : std::strerror(error), "");
  if (kept.error != 0 || !is_value(item, kept.text, item.after)) {
    // Whatever the kernel made of it is our doing, so it is put back without asking whose it is.
    place.write(item.before);
    return failed("kept", kept.text);
  }
  any = true;
  return "";
}

bool Undo::apply_late() {
  if (list_.scope().kind == Scope::Kind::none) return false;
  Heirs heirs(list_);
  bool any = false;
  for (int looks = 0; looks < kMostLooks; ++looks) {
    const std::vector<Item> found = heirs.late();
    if (found.empty()) break;
    for (const Item& item : found) {
      // Without room for it on the list it is left as it is.
      if (!list_.add(item)) return any;
      const std::size_t at = list_.items().size() - 1;
      Place place(item);
      const Reading now = place.read();
      const bool is_ours = now.error == 0 && is_value(item, now.text, item.after);
      const int error = now.error != 0 ? now.error : is_ours ? 0 : place.write(item.after);
      any = any || error == 0;
      if (error == ENOENT) list_.mark(at, Fate::gone);
      if (error != 0 && error != ENOENT) {
        list_.note(at, std::strerror(error));
        list_.mark(at, Fate::untouched);
      }
    }
  }
  return any;
}

std::string Undo::commit(bool is_forced) {
  std::string first;
  std::size_t lost = 0, ended = 0;
  const std::size_t count = list_.items().size();
  for (std::size_t at = 0; at < count && !is_forced; ++at) {
    const Item& item = list_.items()[at];
    if (list_.fate(at) == Fate::untouched) continue;
    Place place(item);
    const Reading now = list_.fate(at) == Fate::gone ? Reading{ENOENT, ""} : place.read();
    const bool is_gone = now.error == ENOENT;
    if (now.error == 0 && is_value(item, now.text, item.after)) continue;
    if (is_gone && item.kind == Kind::slice && ++ended < count) continue;
    ++lost;
    if (!first.empty()) continue;
    first = std::to_string(at) + "\t" + (is_gone ? "gone" : "foreign") + "\t" +
            (is_gone          ? why_gone(place)
             : now.error != 0 ? std::strerror(now.error)
                              : now.text);
  }
  if (lost > 0) return first + "\t" + std::to_string(lost);
  return list_.set_state("committed", "-") ? ""
                                           : "-\tunwritten\t" + std::string(std::strerror(errno)) + "\t0";
}

Fate Undo::undo(std::size_t at) {
  const Item& item = list_.items()[at];
  Place place(item);
  const Reading now = place.read();
  if (now.error == ENOENT) {
    if (const std::string why = why_gone(place); !why.empty()) list_.note(at, why);
    return Fate::gone;
  }
  if (now.error != 0) {
    list_.note(at, std::strerror(now.error));
    return Fate::stuck;
  }
  if (!is_value(item, now.text, item.after)) {
    if (is_value(item, now.text, item.before)) return Fate::as_before;
    list_.note(at, now.text);
    return Fate::foreign;
  }
  const bool is_policy = item.kind == Kind::policy;
  if (is_policy) links_.clear();
  const int error = is_policy ? 0 : place.write(item.before);
  if (error == ENOENT) return Fate::gone;
  const Reading kept = place.read();
  if (error == 0 && is_value(item, kept.text, item.before)) return Fate::put_back;
  if (error == 0 && kept.error == ENOENT) return Fate::gone;
  list_.note(at, error != 0 ? std::strerror(error) : kept.text);
  return Fate::stuck;
}

bool Undo::revert(const std::string& reason) {
  bool done = true;
  const bool was_begun = list_.state() != "reverted";
  if (list_.items().empty()) links_.clear();
  for (std::size_t at = list_.items().size(); at-- > 0;) {
    // What was never written, or is back since an earlier try, is not ours to touch.
    const Fate was = list_.fate(at);
    if (was != Fate::staged && was != Fate::stuck) continue;
    const Fate fate = undo(at);
    list_.mark(at, fate);
    done = done && fate != Fate::stuck;
  }
  done = (!was_begun || revert_heirs()) && done;
  bases().look();
  list_.set_state(done ? "reverted" : "stuck", reason);
  return done;
}

bool Undo::revert_heirs() {
  Heirs heirs(list_);
  bool done = true;
  // Tasks with a slice of ours may be starting others meanwhile: look until none is new, twice.
  for (int looks = 0, none = 0; looks < kMostLooks && none < 2; ++looks) {
    const std::vector<Item> found = heirs.heirs();
    if (found.empty()) {
      ++none;
      if (none < 2 && list_.scope().kind != Scope::Kind::none) wait_for_births();
      continue;
    }
    none = 0;
    for (const Item& heir : found) {
      // A full disk stops no undo: one that cannot be noted down is put back all the same.
      if (list_.add(heir)) {
        const Fate fate = undo(list_.items().size() - 1);
        list_.mark(list_.items().size() - 1, fate);
        done = done && fate != Fate::stuck;
      } else {
        const int error = Place(heir).write(heir.before);
        done = done && (error == 0 || error == ENOENT);
      }
    }
  }
  return done;
}

Tally Undo::tally() const {
  Tally tally;
  for (std::size_t at = 0; at < list_.items().size(); ++at) {
    const Fate fate = list_.fate(at);
    tally.back += fate == Fate::put_back;
    tally.as_before += fate == Fate::as_before || fate == Fate::untouched;
    tally.foreign += fate == Fate::foreign;
    tally.gone += fate == Fate::gone;
    tally.stuck += fate == Fate::stuck;
  }
  return tally;
}

std::string Undo::remarks(const std::string& head) const {
  std::string text;
  for (std::size_t at = 0; at < list_.items().size(); ++at) {
    const Item& item = list_.items()[at];
    const std::string& found = list_.note_of(at);
    const std::string what = item.kind == Kind::slice    ? "the slice of task " + item.place
                             : item.kind == Kind::policy ? "policy " + item.after
                                                         : item.place;
    if (list_.fate(at) == Fate::foreign)
      text += head + what + " was changed by somebody else, from " + item.after + " to " + found +
              ": left as it is\n";
    if (list_.fate(at) == Fate::gone && (item.kind == Kind::file || !found.empty()))
      text += head + what + " is gone" + (found.empty() ? "" : ": " + found) + "\n";
    if (list_.fate(at) == Fate::stuck)
      text += head + what + " could not be put back to " + item.before + ": " + found + "\n";
  }
  return text;
}

}  // namespace deadman
