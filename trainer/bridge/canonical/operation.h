// What travels between ranks, and what a collective operation does with it.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace canonical {

using Clock = std::chrono::steady_clock;

enum class Kind : uint32_t {
  // nothing: shows that the sender is there
  kAlive = 1,
  // bytes for every rank
  kBytes = 2,
  // a part of a sum: one contribution to the receiver's share of a tensor
  kPart = 3,
  // a part of the result: the sender's share
  kResult = 4,
};

// Before every payload, in the byte order of x86-64. A receiver knows which frames an operation brings from each peer, in
// which order and of which sizes: it takes nothing else.
struct Header {
  uint32_t magic;
  Kind kind;
  // Collectives are numbered from 0 in the order in which every rank calls them.
  uint64_t operation;
  // Where the payload belongs, in bytes from the start of the tensor.
  uint64_t offset;
  // Which of the sender's contributions this is.
  uint32_t index;
  uint32_t bytes;
};
static_assert(sizeof(Header) == 32);

constexpr uint32_t kMagic = 0x31584941;
// Payload of one frame: small enough to be added while it is in the cache.
constexpr size_t kFrameBytes = 256 * 1024;

class Operation;

// Where an operation leaves what is to be sent. The payload stays where it is until it is sent.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void post(int peer, Operation& owner, Kind kind, uint64_t offset, uint32_t index, const char* payload,
                    size_t bytes) = 0;
};

// One collective. All functions but the constructor run in the thread that serves the connections.
class Operation : public std::enable_shared_from_this<Operation> {
 public:
  explicit Operation(std::function<void(std::exception_ptr)> done) : done_(std::move(done)) {}
  virtual ~Operation() = default;

  virtual const char* name() const = 0;
  // Posts what can be sent at once.
  virtual void start(Outbox& outbox) = 0;
  // Where the payload of a frame from `peer` goes; nothing where the frame has to wait for other ranks'. Throws where this
  // is not the frame that comes next.
  virtual std::optional<char*> place(int peer, const Header& header) = 0;
  // The payload is in its place.
  virtual void received(int peer, const Header& header, Outbox& outbox) = 0;
  // Whether frames of `peer` are still missing.
  virtual bool waits_for(int peer) const = 0;

  void finish(std::exception_ptr error) {
    // the callback may hold what the caller waits for: it is called once and let go
    auto done = std::move(done_);
    done_ = nullptr;
    if (done) done(error);
  }

  uint64_t number = 0;
  size_t unsent_frames = 0;

 private:
  std::function<void(std::exception_ptr)> done_;
};

// The error of a frame that does not fit.
[[noreturn]] void refuse_frame(const char* operation, int peer, const Header& header);

}  // namespace canonical
