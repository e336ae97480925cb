// The addon's exports. src/native.ts gives them their types and checks arguments; nothing here keeps state,
// so the main thread and any number of workers can load it.
#include <napi.h>

#include "addon/border.h"
#include "addon/convert.h"
#include "addon/deadman.h"
#include "addon/policy.h"
#include "addon/sampler.h"
#include "addon/sched_attr.h"
#include "core/bpf.h"
#include "core/btf.h"
#include "core/capabilities.h"
#include "core/libbpf.h"
#include "core/pmu.h"

namespace tunesmith {

namespace {

/// () => {major, minor, path, updatesStructOps} | null
Napi::Value libbpf(const Napi::CallbackInfo& info) {
  const auto found = find_libbpf();
  if (!found) return info.Env().Null();
  Napi::Object result = Napi::Object::New(info.Env());
  result["major"] = Napi::Number::New(info.Env(), found->major);
  result["minor"] = Napi::Number::New(info.Env(), found->minor);
  result["path"] = Napi::String::New(info.Env(), found->path);
  result["updatesStructOps"] = Napi::Boolean::New(info.Env(), found->updates_struct_ops);
  return result;
}

/// () => {map: Outcome, program: Outcome}
Napi::Value bpf(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result["map"] = to_js(info.Env(), try_bpf_map());
  result["program"] = to_js(info.Env(), try_bpf_program());
  return result;
}

/// (path: string) => Outcome & {bytes}
Napi::Value btf(const Napi::CallbackInfo& info) {
  const Btf found = read_btf(text(info[0], "path", kLongestPath));
  Napi::Object result = to_js(info.Env(), found.outcome);
  result["bytes"] = Napi::Number::New(info.Env(), static_cast<double>(found.bytes));
  return result;
}

/// () => bigint, one bit per effective capability
Napi::Value capabilities(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), effective_capabilities());
}

/// () => Outcome
Napi::Value pmu(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), try_pmu());
}

Napi::Object add_all(Napi::Env env, Napi::Object exports) {
  add_function<libbpf>(env, exports, "libbpf");
  add_function<bpf>(env, exports, "bpf");
  add_function<btf>(env, exports, "btf");
  add_function<capabilities>(env, exports, "capabilities");
  add_function<pmu>(env, exports, "pmu");
  add_deadman(env, exports);
  add_sched_attr(env, exports);
  add_sampler(env, exports);
  add_policy(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, add_all)

}  // namespace tunesmith
