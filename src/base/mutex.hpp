// Mutex and MutexLock: std::mutex that Clang's thread-safety analysis understands.
//
//   mutable Mutex mutex_;
//   std::map<KeyId, Window> windows_ GUARDED_BY(mutex_);
//   MutexLock lock(mutex_);     // for this scope
//
// Annotations after https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#include <mutex>

#if defined(__clang__)
#define DEMARC_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define DEMARC_THREAD_ANNOTATION(x)
#endif
#define CAPABILITY(x) DEMARC_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY DEMARC_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) DEMARC_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) DEMARC_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) DEMARC_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) DEMARC_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define EXCLUDES(...) DEMARC_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS DEMARC_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace demarc {

class CAPABILITY("mutex") Mutex {
 public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }
  std::mutex& native() { return mutex_; }  // for condition variables; the caller holds a MutexLock

 private:
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace demarc
