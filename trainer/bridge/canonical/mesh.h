// One thread that serves one lane of a group's connections: it sends and receives for every operation in progress.
#pragma once
#include "connect.h"
#include "operation.h"

#include <deque>
#include <map>
#include <thread>

namespace canonical {

struct Patience {
  // How long operations may go without a byte sent or received though all peers are there.
  std::chrono::milliseconds timeout;
  // How long a peer may be silent; each shows itself four times as often.
  std::chrono::milliseconds silence;
};

class Mesh final : public Outbox {
 public:
  // Throws `stop` when the lane breaks.
  Mesh(int rank, Lane sockets, Patience patience, std::shared_ptr<StopSwitch> stop);
  // Ends what is in progress with an error.
  ~Mesh() override;

  // Takes on an operation. Every rank must submit the same operations in the same order. An error, also of a group that has
  // failed before, goes to the operation's callback.
  void submit(std::shared_ptr<Operation> operation);

  // What broke the group; empty where it works.
  std::string failure();

  void post(int peer, Operation& owner, Kind kind, uint64_t offset, uint32_t index, const char* payload,
            size_t bytes) override;

 private:
  struct Frame {
    Header header;
    const char* payload;
    Operation* owner;
    size_t sent;
  };
  struct Peer {
    Socket socket;
    std::deque<Frame> outgoing;
    Header header;
    size_t header_bytes = 0;
    // Where the payload under way goes, and how much is still to come; null before the header has found its operation.
    char* payload = nullptr;
    size_t payload_bytes = 0;
    // The header's frame has to wait for other frames, or for the operation to be submitted here.
    bool waiting = false;
    bool closed = false;
    Clock::time_point last_heard;
    Clock::time_point last_sent;
  };

  void serve();
  void turn();
  void adopt();
  void read_from(int peer);
  bool read_header(int peer);
  bool find_place(int peer);
  void write_to(int peer);
  void retry_waiting();
  void retire();
  void watch_clock();
  void fail(const std::string& message);
  void close_gently();
  [[noreturn]] void lost(int peer, const std::string& how);

  const int rank_;
  const Patience patience_;
  std::shared_ptr<StopSwitch> stop_;
  std::vector<Peer> peers_;
  std::map<uint64_t, std::shared_ptr<Operation>> active_;
  uint64_t next_number_ = 0;
  // When an operation last sent or received a byte.
  Clock::time_point last_progress_;
  bool unblocked_ = false;

  std::mutex mutex_;
  std::deque<std::shared_ptr<Operation>> submitted_;
  bool closing_ = false;
  std::string failure_;
  Socket wake_;
  std::thread thread_;
};

}  // namespace canonical
