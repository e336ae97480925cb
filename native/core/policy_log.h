#pragma once
// What libbpf and the verifier say, caught and read.
#include <string>

#include "core/libbpf_api.h"
#include "core/policy.h"

namespace tunesmith {

/// Collects libbpf's messages on this thread for as long as it lives; one at a time.
class LibbpfMessages {
 public:
  explicit LibbpfMessages(const LibbpfApi& api);
  LibbpfMessages(LibbpfMessages&&) = delete;
  ~LibbpfMessages();
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The program whose load failed, by libbpf's messages; empty when it was something else.
std::string refused_program(const std::string& messages);

/// From the last line "processed N insns … total_states N peak_states N …" of a verifier log.
ProgramCost cost_in(const std::string& program, const std::string& log);

}  // namespace tunesmith
