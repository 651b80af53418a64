#include "gateway/superseding.hpp"

namespace demarc::gateway {

Superseding::Place Superseding::enter(std::string session, Loop& loop, std::function<void()> cancel) {
  auto entry = std::make_shared<Entry>(Entry{.session = session, .loop = &loop, .cancel = std::move(cancel)});
  std::shared_ptr<Entry> before;
  {
    MutexLock lock(mutex_);
    before = std::exchange(by_session_[std::move(session)], entry);
  }
  if (before)
    before->loop->post([before] {
      if (const auto call = std::exchange(before->cancel, nullptr)) call();
    });
  return {this, std::move(entry)};
}

Superseding::Place::~Place() {
  if (owner_ == nullptr) return;
  entry_->cancel = nullptr;
  owner_->leave(*entry_);
}

void Superseding::leave(const Entry& entry) {
  MutexLock lock(mutex_);
  const auto at = by_session_.find(entry.session);
  if (at != by_session_.end() && at->second.get() == &entry) by_session_.erase(at);
}

std::size_t Superseding::size() const {
  MutexLock lock(mutex_);
  return by_session_.size();
}

}  // namespace demarc::gateway
