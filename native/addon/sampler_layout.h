#pragma once
#include <napi.h>

namespace tunesmith {

/// {key, cpu, event, …}: sizes and places, in bytes, of what lies in the sampler's buffers, so that TypeScript
/// repeats none of them.
Napi::Object sampler_layout(Napi::Env env);

}  // namespace tunesmith
