#pragma once
#include "core/sampler.h"

namespace tunesmith {

/// How many CPUs this machine can have, by number, online or not.
std::uint32_t possible_cpus();

/// The options as the program takes them, with sizes rounded up in `options`. @throws SamplerError
/// (bad-option)
sampler_settings settings_from(SamplerOptions& options, std::uint32_t cpus);

}  // namespace tunesmith
