#include "core/policy_log.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace tunesmith {
namespace {

thread_local std::string* sink = nullptr;

int keep(libbpf_print_level level, const char* format, va_list args) {
  if (sink == nullptr || level == LIBBPF_DEBUG) return 0;
  char line[4096];
  const int length = std::vsnprintf(line, sizeof line, format, args);
  *sink += line;
  return length;
}

std::uint64_t number_after(const std::string& text, const std::string& word, std::size_t from) {
  const std::size_t at = text.find(word, from);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + word.size(), nullptr, 10);
}

}  // namespace

LibbpfMessages::LibbpfMessages(const LibbpfApi& api) {
  api.libbpf_set_print(keep);
  sink = &text_;
}

LibbpfMessages::~LibbpfMessages() {
  sink = nullptr;
}

std::string refused_program(const std::string& messages) {
  const std::size_t end = messages.find("': BPF program load failed");
  if (end == std::string::npos) return "";
  const std::size_t quote = messages.rfind('\'', end - 1);
  return messages.substr(quote + 1, end - quote - 1);
}

ProgramCost cost_in(const std::string& program, const std::string& log) {
  const std::size_t at = log.rfind("processed ");
  if (at == std::string::npos) return {program};
  return {program, number_after(log, "processed ", at), number_after(log, "total_states ", at),
          number_after(log, "peak_states ", at)};
}

}  // namespace tunesmith
