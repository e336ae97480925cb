#pragma once
// The way to a deadman (native/deadman): starting one, and packets of text over SOCK_SEQPACKET.
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/outcome.h"

namespace tunesmith {

/// `fd` is the link, -1 unless ok; `pid` is 0 unless it was started by us.
struct DeadmanLink {
  Outcome outcome;
  int fd = -1;
  pid_t pid = 0;
};

struct DeadmanReply {
  Outcome outcome;
  std::string text;
};

/// Starts one in a session of its own, so that no signal to our group or terminal reaches it. Closing the
/// link, or our death, makes it put back what is staged. `tree`: plain files below it count as knobs; "":
/// none.
DeadmanLink start_deadman(const std::string& program, const std::string& dir, unsigned lease_ms,
                          unsigned timeout_ms, const std::string& tree);
/// Another process's deadman, by its number.
DeadmanLink connect_deadman(const std::string& dir, pid_t pid, unsigned timeout_ms);
/// One request, one reply. EPIPE: it is gone. ETIMEDOUT: it said nothing for as long as the link was made
/// for. EMSGSIZE. Copies of the `links` go along.
DeadmanReply ask_deadman(int fd, const std::string& request, const std::vector<int>& links = {});
/// The clock that deadmen count on: CLOCK_BOOTTIME, ns.
std::uint64_t boot_ns();
/// Closes the link; with a `pid` waits for its end, 10 s at most, and buries it.
void end_deadman(int fd, pid_t pid);

}  // namespace tunesmith
