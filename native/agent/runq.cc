#include "runq.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "../../bpf/runq.h"
#include "sys.h"

// The object's bytes, laid into this one by the assembler.
asm(".section .rodata\n"
    ".balign 8\n"
    "runq_object:\n"
    ".incbin \"" BPF_OUT
    "/runq.bpf.o\"\n"
    "runq_object_end:\n"
    ".previous\n");
extern "C" const char runq_object[], runq_object_end[];

namespace agent {
namespace {

const volatile runq_state* state = nullptr;
std::string refusal = "not asked for";

[[noreturn]] void refuse(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

/// A global variable section of the program as shared memory; .rodata has to be set before the load instead.
void* map_section(bpf_object* object, const char* name) {
  const bpf_map* map = bpf_object__find_map_by_name(object, name);
  if (map == nullptr) refuse(name);
  void* at = mmap(nullptr, bpf_map__value_size(map), PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
  if (at == MAP_FAILED) refuse("mmap");
  return at;
}

void set_cpus(bpf_object* object) {
  const bpf_map* map = bpf_object__find_map_by_name(object, ".rodata");
  std::size_t size = 0;
  void* const rodata = map == nullptr ? nullptr : bpf_map__initial_value(map, &size);
  if (rodata == nullptr || size < sizeof(unsigned)) refuse(".rodata");
  const unsigned cpus = static_cast<unsigned>(libbpf_num_possible_cpus());
  std::memcpy(rodata, &cpus, sizeof cpus);
}

void load() {
  libbpf_set_print(nullptr);
  const auto size = static_cast<std::size_t>(runq_object_end - runq_object);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "runq");
  bpf_object* const object = bpf_object__open_mem(runq_object, size, &options);
  if (object == nullptr) refuse("open");
  set_cpus(object);
  if (bpf_object__load(object) != 0) refuse("load");
  bpf_program* program;
  bpf_object__for_each_program(program, object) {
    if (bpf_program__attach(program) == nullptr) refuse(bpf_program__name(program));
  }
  state = static_cast<const volatile runq_state*>(map_section(object, ".bss"));
}

}  // namespace

void watch_queues() {
  if (state != nullptr) return;
  try {
    load();
    refusal.clear();
  } catch (const std::exception& error) {
    refusal = error.what();
  }
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
