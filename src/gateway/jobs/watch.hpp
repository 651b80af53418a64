// Watch: folders of demarc.yaml whose files are worked on as they come: a recording becomes a transcript, a document Markdown, a text or a table is
// redacted, a picture gets its label (watch_ways.hpp).
//
//   Watch watch(config.watch, router, services, loop, say);     // looks at what is there, then waits for what comes
//   watch.stop();                                              // before the loops stop
//
//   NAME.wav → NAME.txt (.json, .srt, .vtt)      NAME.csv → NAME.redacted.csv      what failed → NAME.wav.error.json, with the reason
//   NAME.pdf → NAME.md (.json)                   NAME.png → a line of one file for all (result_list.hpp), what failed too
//
// A file is taken when it was closed after writing or moved in; what is there at the start, when nobody wrote to it for a while. It is done when its
// result or its error is there and not older: so nothing is done twice, over restarts too, and deleting the result or touching the file does it
// again. Results appear whole. Each file is a request like any other, of class batch, with the rights of the entry's key.
// One thread for all folders, one file at a time; the requests run on `loop`.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "config/config.hpp"
#include "gateway/jobs/result_list.hpp"
#include "gateway/router.hpp"

namespace demarc::gateway {

class Watch {
 public:
  using Say = std::function<void(const std::string&)>;
  Watch(std::vector<config::WatchedFolder> folders, const Router& router, Services& services, Loop& loop, Say say);
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  void stop();

 private:
  struct Waiting {
    std::size_t folder = 0;  // index
    std::string name;
    Monotonic not_before{};
  };
  void run();
  bool listen();
  void scan(std::size_t folder);
  void take_events();
  void add(std::size_t folder, std::string name, Monotonic not_before);
  void work_on_next();
  // Until when to wait before another try; nullopt: over, one way or the other.
  std::optional<std::chrono::seconds> work_on(std::size_t folder, const std::string& name);
  struct Asked {
    int status = 0;
    std::string body{};
    std::optional<std::chrono::seconds> again{};  // no room now, or cut off
  };
  Asked ask(HttpRequest request);
  ResultList* list_of(std::size_t folder);  // null: it cannot be read, which is said

  const std::vector<config::WatchedFolder> folders_;
  const Router& router_;
  Services& services_;
  Loop& loop_;
  const Say say_;
  std::vector<int> watches_;  // inotify's, by folder
  std::deque<Waiting> waiting_;
  std::map<std::size_t, ResultList> lists_;  // by folder, of those that have one
  int events_ = -1, wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // last: it uses the others
};

}  // namespace demarc::gateway
