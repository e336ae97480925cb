#include "addon/sched_attr.h"

#include "addon/border.h"
#include "addon/convert.h"
#include "core/sched_attr.h"
#include "core/slice_bases.h"

namespace tunesmith {
namespace {

pid_t tid_of(const Napi::CallbackInfo& info) {
  return static_cast<pid_t>(whole(info, 0, "tid", 0, kMostPid));
}

// Slices are at most 0.1 s and flags a few low bits: both are exact as a double.
Napi::Number number(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Value read(const Napi::CallbackInfo& info) {
  const TaskSched task = read_sched(tid_of(info));
  Napi::Object result = to_js(info.Env(), task.outcome);
  result["policy"] = Napi::Number::New(info.Env(), task.policy);
  result["nice"] = Napi::Number::New(info.Env(), task.nice);
  result["flags"] = number(info.Env(), task.flags);
  result["sliceNs"] = number(info.Env(), task.slice_ns);
  return result;
}

Napi::Value set(const Napi::CallbackInfo& info) {
  const auto slice_ns = static_cast<std::uint64_t>(whole(info, 1, "sliceNs", 0, 1'000'000'000));
  return to_js(info.Env(), set_slice(tid_of(info), slice_ns));
}

Napi::Value probe(const Napi::CallbackInfo& info) {
  const SliceSupport found = probe_slices();
  Napi::Object result = to_js(info.Env(), found.outcome);
  result["baseNs"] = number(info.Env(), found.base_ns);
  return result;
}

/// (file) => number[]: ns
Napi::Value bases(const Napi::CallbackInfo& info) {
  const SliceBases seen(text(info[0], "file", kLongestPath));
  Napi::Array result = Napi::Array::New(info.Env());
  std::uint32_t at = 0;
  for (const std::uint64_t slice_ns : seen.known()) result.Set(at++, number(info.Env(), slice_ns));
  return result;
}

}  // namespace

void add_sched_attr(Napi::Env env, Napi::Object exports) {
  add_function<read>(env, exports, "readSched");
  add_function<set>(env, exports, "setSlice");
  add_function<probe>(env, exports, "probeSlices");
  add_function<bases>(env, exports, "sliceBases");
}

}  // namespace tunesmith
