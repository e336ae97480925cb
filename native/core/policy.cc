#include "core/policy.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <thread>

#include "core/libbpf_api.h"
#include "core/policy_log.h"
#include "core/policy_types.h"

namespace tunesmith {
namespace {

constexpr std::size_t kStatsLog = 64u << 10;
constexpr std::size_t kFullLog = 8u << 20;
/// The verifier's log_level: every step, or the counts alone.
constexpr unsigned kSteps = 1, kStats = 4;
/// BPF_F_LINK of map flags (Linux 6.4), which Debian 12's own headers have not.
constexpr unsigned kLinkFlag = 1u << 13;
/// How long an ejection under way may take to be over.
constexpr int kSettleMs = 2000;

const LibbpfApi& api() {
  const LibbpfApi* found = libbpf_api();
  if (found == nullptr)
    throw PolicyError("no-libbpf", "policies need libbpf 1.4 or newer, which is not here", ENOSYS,
                      "run `npm run setup`; agents of arm64 guests are built without it");
  return *found;
}

/// The kernel's memory of one section, mapped: what the policy writes is seen, what is written it sees.
class Section {
 public:
  Section(int fd, std::size_t bytes) : bytes_(bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    bytes_ = (bytes + page - 1) / page * page;
    void* at = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED) at_ = static_cast<char*>(at);
  }
  Section(Section&& other) noexcept : at_(std::exchange(other.at_, nullptr)), bytes_(other.bytes_) {}
  ~Section() {
    if (at_ != nullptr) munmap(at_, bytes_);
  }
  char* at() const { return at_; }

 private:
  char* at_ = nullptr;
  std::size_t bytes_;
};

/// Up to the first zero, or all of it.
std::string text_in(std::span<const char> room) {
  return {room.data(), strnlen(room.data(), room.size())};
}

}  // namespace

PolicyError::PolicyError(std::string code, const std::string& what, int error, std::string hint)
    : std::runtime_error(what), code_(std::move(code)), error_(error), hint_(std::move(hint)) {}

struct Policy::Parts {
  std::string bytes;
  std::uint32_t limit_ms = 0;
  std::map<std::string, std::int64_t> constants;  ///< set so far, for a second opening
  std::string name;
  PolicyLoad load;
  bool is_loaded = false;
  bpf_object* object = nullptr;
  bpf_map* ops = nullptr;
  std::vector<Variable> variables;
  std::map<bpf_map*, Section> sections;
  std::vector<bpf_link*> links;
  std::unique_ptr<ScxLog> log;
  std::optional<ScxExit> exit;

  ~Parts() { close(); }

  void close() {
    unlink();
    sections.clear();
    if (object != nullptr) api().bpf_object__close(object);
    object = nullptr;
    ops = nullptr;
  }

  void unlink() {
    for (bpf_link* link : links) api().bpf_link__destroy(link);
    links.clear();
  }

  const btf* types() const { return api().bpf_object__btf(object); }

  void open() {
    close();
    LibbpfMessages messages(api());
    bpf_object_open_opts options{};
    options.sz = sizeof options;
    options.object_name = "policy";
    object = api().bpf_object__open_mem(bytes.data(), bytes.size(), &options);
    if (object == nullptr)
      throw PolicyError("bad-object", "this is no BPF object that libbpf can read: " + messages.text(), errno,
                        "compile it with clang -target bpf -g -O2");
    variables = variables_of(api(), object);
    find_ops();
    shorten_timeout();
    fill_constants();
    for (const auto& [name_of, value] : constants) put(named(name_of), value);
  }

  void find_ops() {
    for (bpf_map* map = nullptr; (map = api().bpf_object__next_map(object, map)) != nullptr;) {
      if (api().bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) continue;
      const btf_type* type = api().btf__type_by_id(types(), api().bpf_map__btf_value_type_id(map));
      const std::string of = type == nullptr ? "" : api().btf__name_by_offset(types(), type->name_off);
      if (of != "sched_ext_ops") continue;
      if (ops != nullptr)
        throw PolicyError("not-struct-ops", "the object has more than one sched_ext_ops", EINVAL,
                          "keep one scheduler to a file");
      ops = map;
    }
    if (ops == nullptr)
      throw PolicyError("not-struct-ops", "the object has no struct sched_ext_ops", EINVAL,
                        "declare one in SEC(\".struct_ops.link\")");
    if ((api().bpf_map__map_flags(ops) & kLinkFlag) == 0)
      throw PolicyError("not-struct-ops",
                        "its sched_ext_ops is in .struct_ops, so it would outlive its process", EINVAL,
                        "put it in SEC(\".struct_ops.link\")");
    name = text_in(ops_member("name"));
  }

  /// Libbpf shows the struct as the object's types have it, and lets it be changed before the load.
  std::span<char> ops_member(const char* member) {
    std::size_t size = 0;
    auto* at = static_cast<char*>(api().bpf_map__initial_value(ops, &size));
    const auto found = member_of(api(), types(), api().bpf_map__btf_value_type_id(ops), member);
    if (at == nullptr || !found || found->offset + found->size > size)
      throw PolicyError("bad-object", "its sched_ext_ops has no " + std::string(member), EINVAL,
                        "compile it against the types of the kernel it is for");
    return {at + found->offset, found->size};
  }

  void shorten_timeout() {
    const auto at = ops_member("timeout_ms");
    std::uint32_t own = 0;
    if (at.size() != sizeof own)
      throw PolicyError("bad-object", "the timeout_ms of its sched_ext_ops is no u32", EINVAL,
                        "compile it against the types of the kernel it is for");
    std::memcpy(&own, at.data(), sizeof own);
    load.declared_timeout_ms = own;
    load.timeout_ms = own == 0 ? limit_ms : std::min(own, limit_ms);
    std::memcpy(at.data(), &load.timeout_ms, sizeof own);
  }

  /// Policies of the scx project keep the kernel's constants in variables named __SCX_… that their loader
  /// fills from the running kernel's types; left at 0 they would insert into queue 0.
  void fill_constants() {
    load.absent.clear();
    const auto is_asked = [](const Variable& variable) {
      return variable.is_constant && variable.scalar && variable.name.starts_with("__SCX_");
    };
    if (std::none_of(variables.begin(), variables.end(), is_asked)) return;
    btf* kernel = api().btf__load_vmlinux_btf();
    if (kernel == nullptr) throw PolicyError("bad-object", "this kernel does not describe its types", errno);
    const auto values = enumerators(api(), kernel, "SCX_");
    api().btf__free(kernel);
    for (const Variable& variable : variables) {
      if (!is_asked(variable)) continue;
      const auto found = values.find(variable.name.substr(2));
      if (found == values.end())
        load.absent.push_back(variable.name.substr(2));
      else
        put(variable, static_cast<std::int64_t>(found->second));
    }
  }

  const Variable& named(const std::string& wanted) const {
    std::string known;
    for (const Variable& variable : variables) {
      if (!variable.scalar || variable.name.starts_with("__SCX_")) continue;
      if (variable.name == wanted) return variable;
      known += (known.empty() ? "" : ", ") + variable.name;
    }
    throw PolicyError("no-such-tunable", "the policy has no variable " + wanted, EINVAL,
                      known.empty() ? "it has none that can be set" : "it has " + known);
  }

  /// Where a variable lies now: in what is to be loaded, or in the kernel. Null when it cannot be reached.
  char* place(const Variable& variable) {
    if (!is_loaded || variable.is_constant) {
      std::size_t size = 0;
      auto* at = static_cast<char*>(api().bpf_map__initial_value(variable.map, &size));
      return at == nullptr ? nullptr : at + variable.offset;
    }
    const auto found = sections
                           .try_emplace(variable.map, api().bpf_map__fd(variable.map),
                                        std::size_t{api().bpf_map__value_size(variable.map)})
                           .first;
    return found->second.at() == nullptr ? nullptr : found->second.at() + variable.offset;
  }

  void put(const Variable& variable, std::int64_t value) {
    char* at = place(variable);
    if (at == nullptr) throw PolicyError("bad-tunable", variable.name + " cannot be reached", errno);
    variable.scalar->write(at, value);
  }

  /// libbpf's errno, having tried; the verifier's words per program are left in `logs`.
  int try_load(unsigned level, std::size_t room, const std::string& only,
               std::map<std::string, std::unique_ptr<char[]>>& logs) {
    for (bpf_program* program = nullptr;
         (program = api().bpf_object__next_program(object, program)) != nullptr;) {
      const std::string of = api().bpf_program__name(program);
      if (!only.empty() && of != only) continue;
      auto log = std::make_unique_for_overwrite<char[]>(room);
      log[0] = 0;
      api().bpf_program__set_log_buf(program, log.get(), room);
      api().bpf_program__set_log_level(program, level);
      logs[of] = std::move(log);
    }
    return -api().bpf_object__load(object);
  }

  /// What UEI_RECORD of the scx project leaves in a struct user_exit_info: known by its members and their sizes.
  std::optional<ScxExit> record() {
    for (const Variable& variable : variables) {
      if (variable.is_constant) continue;
      const auto member = [&](const char* name) {
        return member_of(api(), types(), variable.type, name);
      };
      const auto kind = member("kind"), code = member("exit_code"), reason = member("reason"),
                 message = member("msg");
      if (!kind || kind->size != sizeof(ScxExit::kind) || !reason || !message) continue;
      const char* at = place(variable);
      if (at == nullptr) continue;
      ScxExit out;
      std::memcpy(&out.kind, at + kind->offset, kind->size);
      if (out.kind == 0) continue;
      if (code && code->size == sizeof out.code) std::memcpy(&out.code, at + code->offset, code->size);
      out.reason = text_in({at + reason->offset, reason->size});
      out.message = text_in({at + message->offset, message->size});
      out.source = "record";
      return out;
    }
    return std::nullopt;
  }
};

Policy::Policy(std::string object, std::uint32_t timeout_ms) : parts_(std::make_unique<Parts>()) {
  parts_->bytes = std::move(object);
  parts_->limit_ms = timeout_ms;
  parts_->open();
}

Policy::~Policy() = default;

const std::string& Policy::name() const {
  return parts_->name;
}

std::vector<PolicyVariable> Policy::variables() const {
  std::vector<PolicyVariable> out;
  for (const Variable& variable : parts_->variables) {
    if (!variable.scalar || variable.name.starts_with("__SCX_")) continue;
    const char* at = parts_->place(variable);
    if (at != nullptr)
      out.push_back(
          {variable.name, variable.scalar->name(), variable.is_constant, variable.scalar->read(at)});
  }
  return out;
}

void Policy::set(const std::string& variable, std::int64_t value) {
  const Variable& found = parts_->named(variable);
  if (!found.scalar->holds(value))
    throw PolicyError(
        "bad-tunable",
        variable + " is a " + found.scalar->name() + ", which cannot hold " + std::to_string(value), ERANGE);
  if (parts_->is_loaded && found.is_constant)
    throw PolicyError("bad-tunable", variable + " is a constant of the loaded policy", EPERM,
                      "set it before the load");
  parts_->put(found, value);
  if (!parts_->is_loaded) parts_->constants[variable] = value;
}

PolicyLoad Policy::load() {
  if (parts_->is_loaded) throw PolicyError("order", "the policy is loaded already");
  PolicyLoad& out = parts_->load;
  std::map<std::string, std::unique_ptr<char[]>> logs;
  {
    LibbpfMessages messages(api());
    out.error = parts_->try_load(kStats, kStatsLog, "", logs);
    out.messages = messages.text();
  }
  out.program = refused_program(out.messages);
  for (const auto& [program, log] : logs)
    if (*log.get() != 0 && program != out.program) out.programs.push_back(cost_in(program, log.get()));
  parts_->is_loaded = out.error == 0;
  if (parts_->is_loaded) return out;
  parts_->open();  // libbpf keeps nothing of a load that failed; the logs above are done with
  if (out.program.empty()) return out;
  logs.clear();
  LibbpfMessages again(api());
  parts_->try_load(kSteps, kFullLog, out.program, logs);
  out.log = logs[out.program].get();
  parts_->open();
  return out;
}

int Policy::attach() {
  Parts& parts = *parts_;
  if (!parts.is_loaded) throw PolicyError("order", "the policy is not loaded", 0, "call load() first");
  if (!parts.links.empty()) throw PolicyError("order", "the policy is attached already");
  parts.exit.reset();
  parts.log = std::make_unique<ScxLog>();
  const auto keep = [&](bpf_link* link) {
    if (link != nullptr) parts.links.push_back(link);
    return link == nullptr ? errno : 0;
  };
  for (bpf_program* program = nullptr;
       (program = api().bpf_object__next_program(parts.object, program)) != nullptr;) {
    const bpf_prog_type type = api().bpf_program__type(program);
    const bool is_called = type == BPF_PROG_TYPE_STRUCT_OPS || type == BPF_PROG_TYPE_SYSCALL;
    if (is_called || !api().bpf_program__autoload(program)) continue;
    if (const int error = keep(api().bpf_program__attach(program)); error != 0) {
      parts.unlink();
      return error;
    }
  }
  const int error = keep(api().bpf_map__attach_struct_ops(parts.ops));
  if (error != 0) parts.unlink();
  return error;
}

void Policy::detach() {
  if (!parts_->links.empty()) status();
  parts_->unlink();
}

std::vector<int> Policy::links() const {
  std::vector<int> out;
  for (const bpf_link* link : parts_->links) out.push_back(api().bpf_link__fd(link));
  return out;
}

PolicyStatus Policy::status() {
  Parts& parts = *parts_;
  PolicyStatus out;
  out.attached = !parts.links.empty();
  out.scx = read_scx();
  const auto is_moving = [&] { return out.scx.state == "enabling" || out.scx.state == "disabling"; };
  for (int waited = 0; is_moving() && waited < kSettleMs; waited += 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    out.scx = read_scx();
  }
  out.enabled = out.attached && out.scx.state == "enabled" && out.scx.ops == parts.name;
  if (!out.enabled && parts.log) {
    if (!parts.exit) parts.exit = parts.record();
    if (!parts.exit) parts.exit = parts.log->end_of(parts.name);
  }
  out.exit = parts.exit;
  for (const PolicyVariable& variable : variables())
    if (!variable.is_constant) out.figures[variable.name] = variable.value;
  return out;
}

}  // namespace tunesmith
