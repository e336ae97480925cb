#pragma once
// The policy a request brings with it, in force for one window or until it is taken away.
#include <memory>
#include <nlohmann/json.hpp>

#include "core/policy.h"

namespace agent {

using nlohmann::json;

/// Requests give a policy as {object: base64 of the ELF file, tunables: {NAME: number}, timeout_ms?}.
/// Whatever becomes of it is in the reply, never an exception: a policy that is refused or ejected is a
/// result.
class PolicyPlace {
 public:
  /// {load}: has the kernel verify it, and lets it go.
  json check(const json& given);
  /// {load, attach_errno, status}: takes the place of one that was there before. Without a `status` it is not
  /// attached.
  json enter(const json& given);
  bool taken() const { return policy_ != nullptr; }
  /// {status}, also of one that was ejected meanwhile; {status: null} when there is none.
  json look() const;
  /// The same once more, afterwards, with the end it came to.
  json leave();

 private:
  json load(const json& given);

  std::unique_ptr<tunesmith::Policy> policy_;
};

}  // namespace agent
