#pragma once
#include <string>

namespace deadman {

/// Puts back what no process is at work on and was staged in this boot: its holder died. 0, or 1: something
/// is stuck.
int recover(const std::string& dir);
/// Ends every deadman of this directory, then puts back everything that is on the lists, committed changes
/// too.
int panic(const std::string& dir);

}  // namespace deadman
