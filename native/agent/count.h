#pragma once
#include <nlohmann/json.hpp>

namespace agent {

/// Runs a loop of known length in tasks of their own, under a sampler that counts per task.
///
/// Request {tasks, instructions, cpu?}: so many tasks at once, task i for (i + 1) × `instructions` machine
/// instructions (rounded down to whole turns of the loop), on CPU `cpu` alone when it is given. Reply
/// {pmcs, refusal, tasks, metrics}: `pmcs` are the names of what was counted and `refusal` says why hardware
/// events are not among them; each task has {instructions, counted}: what it was told to execute, and
/// counter by counter what was booked to it, its start and end in the kernel included; `metrics` are what a
/// trial would say of all tasks, but begin with this task's loading of the sampler. Not in a live guest,
/// which is not watched.
nlohmann::json count_loops(const nlohmann::json& request);

}  // namespace agent
