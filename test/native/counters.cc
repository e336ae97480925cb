// Opens and drops the agent's counters as often as the argument says; prints descriptors before and after, and the CPUs
// that are counted.
#include "agent/counters.h"

#include <cstdio>
#include <cstdlib>

#include "agent/sys.h"

int main(int, char** argv) {
  const std::size_t before = agent::list_dir("/proc/self/fd").size();
  for (int left = std::atoi(argv[1]); left > 0; --left) {
    const agent::CounterReader reader;
    if (reader.read().at_ns == 0) return 2;
  }
  std::printf("%zu %zu", before, agent::list_dir("/proc/self/fd").size());
  for (const int cpu : agent::online_cpu_numbers()) std::printf(" %d", cpu);
  return 0;
}
