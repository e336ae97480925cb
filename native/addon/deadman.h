#pragma once
#include <napi.h>

namespace tunesmith {

/// Adds startDeadman, connectDeadman, askDeadman and endDeadman: src/change/native.ts gives them their types.
void add_deadman(Napi::Env env, Napi::Object exports);

}  // namespace tunesmith
