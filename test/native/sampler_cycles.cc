// Opens, reads and closes samplers, with all they can have, for a sanitizer to watch. Argument: how often.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/sampler.h"

int main(int, char** argv) {
  for (int left = std::atoi(argv[1]); left > 0; --left) {
    tunesmith::SamplerOptions options;
    options.by = static_cast<tunesmith::By>(left % 4);
    options.source = left % 2 ? tunesmith::Source::stamps : tunesmith::Source::automatic;
    options.keys = 64;
    options.tasks = 1024;
    options.outlier_ns = 1;
    options.pmcs = {tunesmith::Pmc::cycles, tunesmith::Pmc::page_faults};
    tunesmith::Sampler sampler(options);
    const tunesmith::Snapshot before = sampler.snapshot();
    std::vector<sampler_event> events(64);
    for (int i = 0; i < 50; ++i) {
      std::system("true");
      sampler.outliers(events);
    }
    const tunesmith::Snapshot delta = difference(sampler.snapshot(), before);
    for (const tunesmith::SampledKey& key : delta.keys)
      if (delta.of(key, SAMPLER_LATENCY).quantile(0.99) == UINT64_MAX) return 2;
    if (delta.overall(SAMPLER_SLICE).count() == 0) return 3;
  }
  try {
    tunesmith::SamplerOptions bad;
    bad.sample_every = 0;
    tunesmith::Sampler refused(bad);
    return 4;
  } catch (const tunesmith::SamplerError& error) {
    std::puts(error.code().c_str());
  }
  return 0;
}
