// Connections between all ranks of a group.
#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace canonical {

// A file descriptor that is closed with its owner.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Stops a group from another thread, also while it connects: what waits ends with the message.
class StopSwitch {
 public:
  StopSwitch();
  void stop(const std::string& message);
  bool stopped() const { return stopped_; }
  std::string message() const;
  // Becomes readable when the switch is thrown.
  int fd() const { return event_.fd(); }

 private:
  std::atomic<bool> stopped_{false};
  mutable std::mutex mutex_;
  std::string message_;
  Socket event_;
};

// What only the ranks of one group know to say first.
using Session = std::array<uint8_t, 32>;

struct Listener {
  Socket socket;
  uint16_t port;
};

// Listens on any free port of `address`.
Listener listen_on(const std::string& address);

// Connections of one lane, by rank; the own one is empty.
using Lane = std::vector<Socket>;

// Connects rank `rank` with all others, whose listeners are at `addresses` (host:port, by rank), `lanes` times. Throws where
// a rank cannot be reached, where `timeout` passes, or when `stop` is thrown.
std::vector<Lane> connect_all(const Listener& listener, int rank, const std::vector<std::string>& addresses,
                              const Session& session, int lanes, std::chrono::milliseconds timeout,
                              const StopSwitch& stop);

// "what: " and the system's text for errno.
std::string system_error(const std::string& what);

}  // namespace canonical
