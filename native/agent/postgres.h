#pragma once
// The PostgreSQL server of the image, run as an unprivileged user on a data directory in memory.
#include <memory>
#include <string>

#include "process.h"

namespace agent {

constexpr unsigned kPostgresUid = 1000;
constexpr const char* kPostgresData = "/pgdata";
constexpr const char* kPostgresSocket = "/run/postgres";

/// Full path of a PostgreSQL program: /usr/lib/postgresql/NN/bin/<name>.
std::string postgres_program(const std::string& name);

/// Makes the data directory: initdb, then pgbench's tables at that scale, then a clean stop.
void make_database(std::uint64_t scale);

/// Starts the server and waits until it takes connections.
std::unique_ptr<Process> start_postgres();

}  // namespace agent
