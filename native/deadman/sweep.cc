#include "deadman/sweep.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "deadman/undo.h"

namespace deadman {
namespace {

/// How long a deadman has to put its lists back and end.
constexpr int kPatienceMs = 5000;

std::optional<Undo> open_after_holder(const std::string& dir, const std::string& id, Failure& failure) {
  auto undo = Undo::open(dir, id, failure);
  if (undo || failure.error != EBUSY || failure.holder <= 0) return undo;
  // The kernel says who holds the lock, so the number cannot be an old one.
  kill(failure.holder, SIGTERM);
  for (int waited = 0; waited < kPatienceMs && !undo && failure.error == EBUSY; ++waited) {
    usleep(1000);
    failure = {};
    undo = Undo::open(dir, id, failure);
  }
  return undo;
}

/// What became of a change, for people: "put back" only where everything is.
std::string said_of(const Undo& undo) {
  const Tally tally = undo.tally();
  if (tally.foreign + tally.gone + tally.stuck == 0)
    return tally.back == 0 && tally.as_before > 0 ? "was back already" : "put back";
  std::string text;
  const auto part = [&text](int count, const char* what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  part(tally.back, "put back");
  part(tally.as_before, "back already");
  part(tally.foreign, "left to whoever changed it");
  part(tally.gone, "gone");
  part(tally.stuck, "not to be put back");
  return text;
}

int sweep(const std::string& dir, bool everything, const char* reason) {
  int status = 0;
  if (const int error = check_dir(dir); error != 0) {
    // Nothing was ever staged where there is no directory.
    if (error == ENOENT) return 0;
    std::printf("%s: %s\n", dir.c_str(),
                error == EPERM
                    ? "belongs to another user, or others may write there: nothing of it is believed"
                    : std::strerror(error));
    return 1;
  }
  for (const std::string& id : undo_lists(dir)) {
    Failure failure;
    auto undo = everything ? open_after_holder(dir, id, failure) : Undo::open(dir, id, failure);
    if (!undo) {
      if (everything) {
        const bool is_planted = failure.error == EPERM || failure.error == EINVAL;
        std::printf(
            "%s: %s\n", id.c_str(),
            is_planted ? "is no undo list of ours: nothing of it was done" : std::strerror(failure.error));
        status = 1;
      }
      continue;
    }
    if (undo->state() == "reverted" || !undo->is_of_this_boot()) continue;
    if (undo->state() == "committed" && !everything) continue;
    const bool done = undo->revert(reason);
    std::printf("%s: %s\n%s", id.c_str(), said_of(*undo).c_str(), undo->remarks(id + ": ").c_str());
    if (!done) status = 1;
  }
  return status;
}

}  // namespace

int recover(const std::string& dir) {
  return sweep(dir, false, "recovery");
}

int panic(const std::string& dir) {
  return sweep(dir, true, "panic");
}

}  // namespace deadman
