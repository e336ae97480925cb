#pragma once
#include <nlohmann/json.hpp>

#include "mailbox.h"

namespace agent {

/// Runs one program to its end, as the leader of a session of its own, in the normal scheduling class.
///
/// Request {argv, env, cwd, timeout_ms, stdin_bytes}: `env` is the whole environment (its PATH finds
/// argv[0]), `stdin_bytes` of the mailbox's bulk area are its standard input. Reply {status, signal,
/// stdout_bytes, stderr_bytes, timed_out, truncated}: one of `status` and `signal` is null; standard output,
/// then standard error, lie in the bulk area, 8 MiB each at most (`truncated` says that more was written, and
/// lost). After `timeout_ms` the program and its process group are killed. Processes it leaves behind are not
/// waited for. Throws when the program cannot be started.
nlohmann::json exec_program(const nlohmann::json& request, Mailbox& mailbox);

}  // namespace agent
