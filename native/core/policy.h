#pragma once
// A compiled sched_ext policy: open, set, load, attach, watch, detach. Free of Node, so the lab's agent and
// the addon share it. Nothing is pinned, so the kernel puts its own scheduler back when the process ends in
// whatever way.
//
// Thread safety: one thread at a time may use a Policy. Nothing here calls back.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/scx.h"

namespace tunesmith {

/// What went wrong: a stable code, the errno value (0: none) and the way out.
class PolicyError : public std::runtime_error {
 public:
  PolicyError(std::string code, const std::string& what, int error = 0, std::string hint = "");
  /// "no-libbpf", "bad-object", "not-struct-ops", "no-such-tunable", "bad-tunable", "order".
  const std::string& code() const { return code_; }
  int error() const { return error_; }
  const std::string& hint() const { return hint_; }

 private:
  std::string code_;
  int error_;
  std::string hint_;
};

/// A global variable that holds a whole number.
struct PolicyVariable {
  std::string name;
  std::string type;         ///< u64, s32, bool …
  bool is_constant = true;  ///< settable before the load only
  std::int64_t value = 0;
};

/// What the verifier counted of one program.
struct ProgramCost {
  std::string name;
  std::uint64_t insns = 0;  ///< processed
  std::uint64_t states = 0;
  std::uint64_t peak_states = 0;
};

struct PolicyLoad {
  int error = 0;         ///< errno, 0: loaded
  std::string program;   ///< the one that was refused, if it was one
  std::string messages;  ///< libbpf's words
  std::string log;       ///< the verifier's, of the refused program; its end, when longer than 8 MiB
  std::vector<ProgramCost> programs;
  std::uint32_t declared_timeout_ms = 0;  ///< the policy's own; 0: it left it to the kernel (30 s)
  std::uint32_t timeout_ms = 0;           ///< in force
  std::vector<std::string> absent;        ///< SCX_ constants it asks for and the kernel has not: left 0
};

struct PolicyStatus {
  bool attached = false;  ///< attach() succeeded, and detach() was not called
  bool enabled = false;   ///< and the kernel runs this very policy now
  ScxState scx;
  std::optional<ScxExit> exit;                  ///< how it ended, once it did
  std::map<std::string, std::int64_t> figures;  ///< its global variables that are no constants
};

class Policy {
 public:
  /// The longest a task may wait, when not told: the kernel's own default of 30 s is too long to notice.
  static constexpr std::uint32_t kTimeoutMs = 3000;

  /// Reads an object file's bytes. Nothing reaches the kernel yet. `timeout_ms` shortens the policy's own.
  explicit Policy(std::string object, std::uint32_t timeout_ms = kTimeoutMs);
  Policy(Policy&&) = delete;
  ~Policy();

  const std::string& name() const;
  std::vector<PolicyVariable> variables() const;
  /// Constants before the load only, others at any time. Throws "no-such-tunable" or "bad-tunable".
  void set(const std::string& variable, std::int64_t value);

  /// Has the kernel verify every program. A refusal is a result, not an error.
  PolicyLoad load();
  /// Makes it the scheduler; 0 or an errno value. That is not yet proof: see `status`.
  int attach();
  void detach();
  /// The descriptors that keep it attached, ours: who is to keep it so when we let go needs copies.
  std::vector<int> links() const;
  PolicyStatus status();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tunesmith
