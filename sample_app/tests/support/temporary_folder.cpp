#include "temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>

TemporaryFolder::TemporaryFolder()
    : path_(std::filesystem::temp_directory_path() / "sample_app-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("make a folder " + path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
