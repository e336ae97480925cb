#include "probe.h"

#include "load.h"
#include "sys.h"

namespace agent {

void probe_wakeups(const Window& window, std::uint64_t seed, std::uint64_t interval_ns,
                   std::uint64_t work_loops, Samples& late) {
  sharpen_timers();
  Random random(seed);
  std::uint64_t next = now_ns();
  while (!window.over()) {
    next += interval_ns / 2 + random.next() % interval_ns;
    sleep_until_ns(next);
    const std::uint64_t woke = now_ns();
    if (window.recording()) late.add(woke - next);
    burn(work_loops);
    if (now_ns() > next + interval_ns) next = now_ns();
  }
}

}  // namespace agent
