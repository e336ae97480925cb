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

int sweep(const std::string& dir, bool everything, const char* reason) {
  int status = 0;
  for (const std::string& id : undo_lists(dir)) {
    Failure failure;
    auto undo = everything ? open_after_holder(dir, id, failure) : Undo::open(dir, id, failure);
    if (!undo) {
      if (everything) {
        std::printf("%s: %s\n", id.c_str(), std::strerror(failure.error));
        status = 1;
      }
      continue;
    }
    if (undo->state() == "reverted" || !undo->is_of_this_boot()) continue;
    if (undo->state() == "committed" && !everything) continue;
    const bool done = undo->revert(reason);
    std::printf("%s: %s\n", id.c_str(), done ? "put back" : "not everything could be put back");
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
