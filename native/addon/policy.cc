#include "addon/policy.h"

#include <memory>
#include <string>
#include <vector>

#include "addon/border.h"
#include "core/policy.h"

namespace tunesmith {

template <>
struct HandleKind<std::unique_ptr<Policy>> {
  static constexpr napi_type_tag tag{0xd2684be1073f4ac9, 0x8b15e60f92c47d3a};
  static constexpr const char* name = "the policy";
};

namespace {

/// Emptied by closePolicy; what was never closed ends with its handle, in a terminated worker too.
using Open = std::unique_ptr<Policy>;

/// Of a C variable; and the whole numbers that JavaScript has.
constexpr std::size_t kLongestName = 512;
constexpr std::int64_t kMostExact = (std::int64_t{1} << 53) - 1;

Policy& policy_of(const Napi::CallbackInfo& info) {
  const Open& open = Handles<Open>::of(info[0]);
  if (!open) throw Napi::Error::New(info.Env(), "the policy is closed");
  return *open;
}

Napi::Number number(Napi::Env env, double value) {
  return Napi::Number::New(env, value);
}

template <typename T>
Napi::Object figures(Napi::Env env, const std::map<std::string, T>& values) {
  Napi::Object out = Napi::Object::New(env);
  for (const auto& [name, value] : values) out[name] = number(env, static_cast<double>(value));
  return out;
}

/// (object: Buffer, timeoutMs) => policy
Napi::Value open_policy(const Napi::CallbackInfo& info) {
  if (!info[0].IsBuffer()) bad_type(info.Env(), "object", "is no Buffer");
  const auto bytes = info[0].As<Napi::Buffer<char>>();
  const auto limit_ms = static_cast<std::uint32_t>(whole(info, 1, "timeoutMs", 0, kMostInt));
  auto policy = std::make_unique<Policy>(std::string(bytes.Data(), bytes.Length()), limit_ms);
  return Handles<Open>::make(info.Env(), std::make_unique<Open>(std::move(policy)));
}

/// (policy) => [{name, type, constant, value}]
Napi::Value variables(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array out = Napi::Array::New(env);
  for (const auto& [name, type, is_constant, value] : policy_of(info).variables()) {
    Napi::Object one = Napi::Object::New(env);
    one["name"] = name;
    one["type"] = type;
    one["constant"] = Napi::Boolean::New(env, is_constant);
    one["value"] = number(env, static_cast<double>(value));
    out[out.Length()] = one;
  }
  return out;
}

/// (policy, name, value) => undefined
void set_variable(const Napi::CallbackInfo& info) {
  Policy& policy = policy_of(info);
  const std::string name = text(info[1], "name", kLongestName);
  policy.set(name, whole(info, 2, "value", -kMostExact, kMostExact));
}

/// (policy) => {errno, name, program, messages, log, programs, declaredTimeoutMs, timeoutMs, absent}
Napi::Value load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Policy& policy = policy_of(info);
  const PolicyLoad done = policy.load();
  Napi::Array programs = Napi::Array::New(env);
  for (const auto& [name, insns, states, peak] : done.programs) {
    Napi::Object one = Napi::Object::New(env);
    one["name"] = name;
    one["insns"] = number(env, static_cast<double>(insns));
    one["states"] = number(env, static_cast<double>(states));
    one["peak_states"] = number(env, static_cast<double>(peak));
    programs[programs.Length()] = one;
  }
  Napi::Array absent = Napi::Array::New(env);
  for (const std::string& name : done.absent) absent[absent.Length()] = Napi::String::New(env, name);
  Napi::Object out = Napi::Object::New(env);
  out["errno"] = number(env, done.error);
  out["name"] = policy.name();
  out["program"] = done.program;
  out["messages"] = done.messages;
  out["log"] = done.log;
  out["programs"] = programs;
  out["declaredTimeoutMs"] = number(env, done.declared_timeout_ms);
  out["timeoutMs"] = number(env, done.timeout_ms);
  out["absent"] = absent;
  return out;
}

/// (policy) => errno, 0 when the link was made
Napi::Value attach(const Napi::CallbackInfo& info) {
  return number(info.Env(), policy_of(info).attach());
}

Napi::Value exit_of(Napi::Env env, const std::optional<ScxExit>& exit) {
  if (!exit) return env.Null();
  Napi::Object out = Napi::Object::New(env);
  out["kind"] = number(env, exit->kind);
  out["code"] = number(env, static_cast<double>(exit->code));
  out["reason"] = exit->reason;
  out["message"] = exit->message;
  out["source"] = exit->source;
  return out;
}

Napi::Object state_of(Napi::Env env, const ScxState& scx) {
  Napi::Object out = Napi::Object::New(env);
  out["supported"] = Napi::Boolean::New(env, scx.supported);
  out["state"] = scx.state;
  out["ops"] = scx.ops;
  out["switch_all"] = Napi::Boolean::New(env, scx.switch_all);
  out["rejected"] = number(env, static_cast<double>(scx.rejected));
  out["events"] = figures(env, scx.events);
  return out;
}

/// (policy) => a status as the lab's agent gives it
Napi::Value status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Policy& policy = policy_of(info);
  const PolicyStatus seen = policy.status();
  Napi::Object out = state_of(env, seen.scx);
  out["name"] = policy.name();
  out["attached"] = Napi::Boolean::New(env, seen.attached);
  out["enabled"] = Napi::Boolean::New(env, seen.enabled);
  out["figures"] = figures(env, seen.figures);
  out["exit"] = exit_of(env, seen.exit);
  return out;
}

/// (policy) => the descriptors that keep it attached
Napi::Value links(const Napi::CallbackInfo& info) {
  const std::vector<int> found = policy_of(info).links();
  Napi::Array out = Napi::Array::New(info.Env());
  for (const int link : found) out[out.Length()] = number(info.Env(), link);
  return out;
}

/// (policy) => undefined
void detach(const Napi::CallbackInfo& info) {
  policy_of(info).detach();
}

/// (policy) => undefined; a second time does nothing
void close_policy(const Napi::CallbackInfo& info) {
  Handles<Open>::of(info[0]).reset();
}

/// () => what the kernel says of sched_ext now
Napi::Value scx(const Napi::CallbackInfo& info) {
  return state_of(info.Env(), read_scx());
}

}  // namespace

void add_policy(Napi::Env env, Napi::Object exports) {
  add_function<open_policy>(env, exports, "openPolicy");
  add_function<variables>(env, exports, "policyVariables");
  add_function<set_variable>(env, exports, "setPolicyVariable");
  add_function<load>(env, exports, "loadPolicy");
  add_function<attach>(env, exports, "attachPolicy");
  add_function<status>(env, exports, "policyStatus");
  add_function<links>(env, exports, "policyLinks");
  add_function<detach>(env, exports, "detachPolicy");
  add_function<close_policy>(env, exports, "closePolicy");
  add_function<scx>(env, exports, "readScx");
}

}  // namespace tunesmith
