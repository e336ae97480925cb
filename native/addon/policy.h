#pragma once
// Policies (core/policy.h) for JavaScript, as plain functions over one handle.
#include <napi.h>

namespace tunesmith {

/// Adds openPolicy, policyVariables, setPolicyVariable, loadPolicy, attachPolicy, policyStatus, detachPolicy,
/// closePolicy and readScx to the exports. src/host/policy/native.ts has their types and meaning.
void add_policy(Napi::Env env, Napi::Object exports);

}  // namespace tunesmith
