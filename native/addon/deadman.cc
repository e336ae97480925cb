#include "addon/deadman.h"

#include "addon/convert.h"
#include "core/deadman.h"

namespace tunesmith {
namespace {

/// (program, dir, leaseMs, timeoutMs, tree) => Outcome & {fd, pid}
Napi::Value start(const Napi::CallbackInfo& info) {
  const DeadmanLink link =
      start_deadman(info[0].ToString(), info[1].ToString(), info[2].ToNumber().Uint32Value(),
                    info[3].ToNumber().Uint32Value(), info[4].ToString());
  Napi::Object result = to_js(info.Env(), link.outcome);
  result["fd"] = Napi::Number::New(info.Env(), link.fd);
  result["pid"] = Napi::Number::New(info.Env(), link.pid);
  return result;
}

/// (dir, pid, timeoutMs) => Outcome & {fd}
Napi::Value connect(const Napi::CallbackInfo& info) {
  const DeadmanLink link =
      connect_deadman(info[0].ToString(), info[1].ToNumber().Int32Value(), info[2].ToNumber().Uint32Value());
  Napi::Object result = to_js(info.Env(), link.outcome);
  result["fd"] = Napi::Number::New(info.Env(), link.fd);
  return result;
}

/// (fd, request, links) => Outcome & {reply}
Napi::Value ask(const Napi::CallbackInfo& info) {
  const auto given = info[2].As<Napi::Array>();
  std::vector<int> links;
  for (std::uint32_t i = 0; i < given.Length(); ++i)
    links.push_back(given.Get(i).As<Napi::Number>().Int32Value());
  const DeadmanReply got = ask_deadman(info[0].ToNumber().Int32Value(), info[1].ToString(), links);
  Napi::Object result = to_js(info.Env(), got.outcome);
  result["reply"] = Napi::String::New(info.Env(), got.text);
  return result;
}

/// () => CLOCK_BOOTTIME, ms
Napi::Value boot_ms(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(boot_ns()) / 1e6);
}

/// (fd, pid): closes the link and, unless pid is 0, waits until the deadman has put everything back and
/// ended.
void end(const Napi::CallbackInfo& info) {
  end_deadman(info[0].ToNumber().Int32Value(), info[1].ToNumber().Int32Value());
}

}  // namespace

void add_deadman(Napi::Env env, Napi::Object exports) {
  exports["startDeadman"] = Napi::Function::New<start>(env, "startDeadman");
  exports["connectDeadman"] = Napi::Function::New<connect>(env, "connectDeadman");
  exports["askDeadman"] = Napi::Function::New<ask>(env, "askDeadman");
  exports["bootMs"] = Napi::Function::New<boot_ms>(env, "bootMs");
  exports["endDeadman"] = Napi::Function::New<end>(env, "endDeadman");
}

}  // namespace tunesmith
