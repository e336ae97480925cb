#pragma once
#include <string>
#include <vector>

namespace deadman {

/// `error` is an errno value; ENOENT: the file or the task is gone.
struct Reading {
  int error = 0;
  std::string text;
};

/// The whole of a small file, or what is there of it up to 64 KiB.
Reading read_file(const std::string& path);
/// Without blanks and line ends around it.
std::string trimmed(const std::string& text);
/// The parts of a text between separators: one more than there are of those.
std::vector<std::string> split(const std::string& text, char by);

}  // namespace deadman
