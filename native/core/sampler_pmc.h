#pragma once
// The perf events behind a sampler's counters, one an event and CPU, running for as long as this lives.
#include <functional>
#include <string>
#include <vector>

#include "core/descriptor.h"
#include "core/sampler.h"

namespace tunesmith {

class PmcEvents {
 public:
  PmcEvents() = default;
  /// Opens what `wanted` names on CPUs 0..cpus-1 (those that are offline are left out). Without a PMU the
  /// hardware events give way to the kernel's own, and refusal() says why. @throws SamplerError when even
  /// those are refused.
  PmcEvents(const std::vector<Pmc>& wanted, std::uint32_t cpus);

  const std::vector<Pmc>& counted() const { return counted_; }
  const std::string& refusal() const { return refusal_; }
  /// Every open event with its place: index in counted() × cpus + CPU.
  void each(const std::function<void(std::uint32_t index, int fd)>& visit) const;

 private:
  std::vector<Pmc> counted_;
  std::string refusal_;
  std::vector<Descriptor> fds_;
};

}  // namespace tunesmith
