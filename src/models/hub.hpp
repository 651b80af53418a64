// Fetches one file over the model hub's protocol (huggingface_hub): GET ENDPOINT/REPO/resolve/REVISION/FILE, redirects to a store, Range to resume.
//
//   Hub hub({.endpoint = "https://huggingface.co", .token = token});
//   TRY(hub.fetch({repo, revision, "model.bin"}, file, part, stop, [](std::uint64_t bytes_so_far) { … }));
//
// `part` grows from what an earlier try left. Who calls checks its digest; the hub's own (X-Linked-ETag) only ends a wrong transfer early.
// The token goes to the endpoint alone, never to where it redirects, never over plain HTTP but to loopback, and into no message.
// Proxies: https_proxy, no_proxy. Blocks; one thread per Hub.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "models/digest.hpp"
#include "models/error.hpp"

namespace demarc::models {

struct HubSettings {
  std::string endpoint = "https://huggingface.co";
  std::string token{};
  int tries = 4;              // of a transfer that breaks off
  int first_pause_ms = 1000;  // between them; doubles
};

struct HubFile {
  std::string repo, revision, file;
};

class Hub {
 public:
  explicit Hub(HubSettings settings);
  ModelResult<void> fetch(const HubFile& file, const FileSpec& expected, const std::filesystem::path& part, const std::stop_token& stop,
                          const std::function<void(std::uint64_t bytes_so_far)>& on_progress) const;

 private:
  HubSettings settings_;
};

}  // namespace demarc::models
