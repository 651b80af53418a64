// Readers: every document is read in a process of its own, so that one which breaks, fills or stops its reader harms nobody else.
//
//   Readers readers(load_models, read_document);      // forks once, before there are threads: the mother, who loads the models
//   TRY(readers.wait_prepared());                      // they are loaded
//   auto result = readers.read(job, {.before_step = …, .proceed = …});     // forks from the mother: models are there already
//
// A reader may ask for memory up to a limit, compute up to a limit, read its job and write its answer; every other system call fails
// (restrict_self). It asks before each step (a page), so that whoever serves others in between may hold it there. It is killed when its caller goes
// away. read(): any thread, several at once. The constructor: while the process has one thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace demarc::document::worker {

struct ReaderFault {
  enum class Kind : std::uint8_t {
    refused,    // the reader says what is wrong with the document
    broken,     // it ended without a word: a crash, or more memory than it may have
    too_long,   // of processor time
    cancelled,  // by whoever waits
    system,     // no process could be made
  };
  Kind kind = Kind::system;
  std::string code, message;
  int step = 0;  // which it was at, from 1
};

// The reader's side of the conversation.
class Teller {
 public:
  explicit Teller(int fd) : fd_(fd) {}
  void hello();
  void begin_step(int step, int of);  // waits until it may
  void result(std::string_view json);
  void refuse(std::string_view code, std::string_view message);
  [[nodiscard]] bool answered() const { return answered_; }

 private:
  void send(char kind, std::string_view body);
  int fd_;
  bool answered_ = false;
};

class Readers {
 public:
  using Prepare = std::function<Result<void, std::string>()>;
  using Read = std::function<void(std::string_view job, Teller& teller)>;
  struct Limits {
    std::uint64_t memory_bytes;
    int step_cpu_ms, document_cpu_ms;
  };
  struct Talk {
    std::function<std::shared_ptr<void>(int step, int of)> before_step;  // what it gives is held until the step is over
    std::function<bool()> proceed;                                       // false: nobody waits any more
  };

  Readers(Prepare prepare, Read read, Limits limits);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  Result<void, std::string> wait_prepared();
  Result<std::string, ReaderFault> read(std::string_view job, const Talk& talk);

 private:
  const Limits limits_;
  pid_t mother_ = -1;
  int control_ = -1;
};

// Gives up every right but those above; ends the process if it cannot.
struct Rights {
  std::uint64_t memory_bytes;
  int cpu_s;
  std::uint64_t file_bytes = 0;  // that may be written to files which are open
};
void restrict_self(const Rights& rights);

}  // namespace demarc::document::worker
