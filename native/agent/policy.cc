#include "policy.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace agent {
namespace {

using tunesmith::Policy;
using tunesmith::PolicyError;

/// What the mailbox's reply has room for, beside everything else: the end of a log says why.
constexpr std::size_t kMostLog = 2u << 20;

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) throw std::invalid_argument("policy: the object is not base64");
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if ((count += 6) < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

json refusal(const PolicyError& error) {
  return {{"code", error.code()}, {"errno", error.error()}, {"reason", error.what()}, {"hint", error.hint()}};
}

json variables_of(const Policy& policy) {
  json out = json::array();
  for (const auto& [name, type, is_constant, value] : policy.variables())
    out.push_back({{"name", name}, {"type", type}, {"constant", is_constant}, {"value", value}});
  return out;
}

json report_of(const tunesmith::PolicyLoad& load, const Policy& policy) {
  json programs = json::array();
  for (const auto& [name, insns, states, peak] : load.programs)
    programs.push_back({{"name", name}, {"insns", insns}, {"states", states}, {"peak_states", peak}});
  const std::size_t cut = load.log.size() > kMostLog ? load.log.size() - kMostLog : 0;
  return {{"code", load.error == 0 ? "" : "refused"},
          {"errno", load.error},
          {"reason", load.messages},
          {"hint", ""},
          {"name", policy.name()},
          {"program", load.program},
          {"log", load.log.substr(cut)},
          {"log_cut", cut},
          {"programs", programs},
          {"variables", variables_of(policy)},
          {"declared_timeout_ms", load.declared_timeout_ms},
          {"timeout_ms", load.timeout_ms},
          {"absent", load.absent}};
}

json exit_of(const std::optional<tunesmith::ScxExit>& exit) {
  if (!exit) return nullptr;
  return {{"kind", exit->kind},
          {"code", exit->code},
          {"reason", exit->reason},
          {"message", exit->message},
          {"source", exit->source}};
}

json status_of(const std::string& name, const tunesmith::PolicyStatus& status) {
  return {{"name", name},
          {"attached", status.attached},
          {"enabled", status.enabled},
          {"state", status.scx.state},
          {"ops", status.scx.ops},
          {"switch_all", status.scx.switch_all},
          {"rejected", status.scx.rejected},
          {"events", status.scx.events},
          {"figures", status.figures},
          {"exit", exit_of(status.exit)}};
}

}  // namespace

json PolicyPlace::load(const json& given) {
  leave();
  if (!tunesmith::read_scx().supported)
    return {{"code", "no-sched-ext"}, {"errno", 0}, {"reason", "this kernel has no sched_ext"}, {"hint", ""}};
  try {
    auto policy = std::make_unique<Policy>(from_base64(given.at("object").get_ref<const std::string&>()),
                                           given.value("timeout_ms", Policy::kTimeoutMs));
    const json tunables = given.value("tunables", json::object());
    for (const auto& [name, value] : tunables.items()) policy->set(name, value.get<std::int64_t>());
    const json report = report_of(policy->load(), *policy);
    if (report.at("errno") == 0) policy_ = std::move(policy);
    return report;
  } catch (const PolicyError& error) {
    return refusal(error);
  }
}

json PolicyPlace::check(const json& given) {
  json reply = {{"load", load(given)}};
  policy_.reset();
  return reply;
}

json PolicyPlace::enter(const json& given) {
  json reply = {{"load", load(given)}};
  if (!policy_) return reply;
  reply["attach_errno"] = policy_->attach();
  reply["status"] = status_of(policy_->name(), policy_->status());
  return reply;
}

json PolicyPlace::look() const {
  if (!policy_) return {{"status", nullptr}};
  return {{"status", status_of(policy_->name(), policy_->status())}};
}

json PolicyPlace::leave() {
  if (!policy_) return {{"status", nullptr}};
  policy_->detach();
  json reply = look();
  policy_.reset();
  return reply;
}

}  // namespace agent
