#pragma once
// The sampler (core/sampler.h) for JavaScript, as plain functions over two handles.
#include <napi.h>

namespace tunesmith {

/// Adds openSampler, samplerChoices, takeSnapshot, takeOutliers, closeSampler, snapshotDelta, snapshotBuffers,
/// snapshotOverall and samplerLayout to the exports. src/telemetry/native.ts has their types and meaning.
void add_sampler(Napi::Env env, Napi::Object exports);

}  // namespace tunesmith
