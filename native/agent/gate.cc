#include "gate.h"

#include <algorithm>

#include "sys.h"

namespace agent {

constexpr std::uint64_t kLongestPause = 20000000;  // ns; a guest that nobody asks costs the host 2 % of a CPU

void await_host(Mailbox& mailbox, std::uint64_t round) {
  mailbox.advance();
  for (std::uint64_t pause = 1000000; mailbox.posted() < round;
       pause = std::min(pause * 5 / 4, kLongestPause))
    sleep_until_ns(now_ns() + pause);
  mailbox.advance();
  mailbox.advance();
}

}  // namespace agent
