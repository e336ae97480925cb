#pragma once
// Core's plain structures as JavaScript values.
#include <napi.h>

#include "core/outcome.h"

namespace tunesmith {

/// {ok, errno, code, reason}: `errno` is 0 and `code` and `reason` are empty when it worked.
Napi::Object to_js(Napi::Env env, const Outcome& outcome);

}  // namespace tunesmith
