#include "runq.h"

#include <cerrno>
#include <cstring>

#include "core/sampler_settings.h"
#include "runq_object.h"
#include "sys.h"

namespace agent {
namespace {

const volatile runq_state* state = nullptr;
std::string refusal = "not asked for";

}  // namespace

void watch_queues() {
  if (state != nullptr) return;
  state = runq_object_load(tunesmith::possible_cpus());
  refusal = state != nullptr ? "" : std::string("loading runq.bpf.c: ") + std::strerror(errno);
}

bool queues_watched() {
  return state != nullptr;
}

const std::string& why_not() {
  return refusal;
}

Queues read_queues() {
  Queues out;
  out.at_ns = now_ns();
  const std::uint64_t since = state->at;
  const std::uint64_t open = out.at_ns > since ? out.at_ns - since : 0;
  out.queued_ns = state->queued_ns + open * state->queued;
  out.stranded_ns = state->stranded_ns + open * state->stranded;
  return out;
}

void report_queues(const Queues& from, const Queues& to, nlohmann::json& metrics) {
  const auto lasted = static_cast<double>(to.at_ns - from.at_ns);
  metrics["queued_mean"] = static_cast<double>(to.queued_ns - from.queued_ns) / lasted;
  metrics["idle_while_queued_share"] = static_cast<double>(to.stranded_ns - from.stranded_ns) / lasted;
}

}  // namespace agent
