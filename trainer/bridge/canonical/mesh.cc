#include "mesh.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace canonical {
namespace {

// Bytes that one connection may move before the next has its turn.
constexpr size_t kTurnBytes = 1 << 20;
// Operations that a peer may be ahead of this rank.
constexpr uint64_t kAhead = 1 << 16;
constexpr std::chrono::milliseconds kFarewell{2000};

std::string seconds(std::chrono::milliseconds duration) {
  return std::to_string(duration.count() / 1000) + "." + std::to_string(duration.count() % 1000 / 100) + " s";
}

}  // namespace

Mesh::Mesh(int rank, Lane sockets, Patience patience, std::shared_ptr<StopSwitch> stop)
    : rank_(rank), patience_(patience), stop_(std::move(stop)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) throw std::runtime_error(system_error("cannot make an eventfd"));
  auto now = Clock::now();
  for (Socket& socket : sockets) {
    Peer peer;
    peer.socket = std::move(socket);
    peer.last_heard = peer.last_sent = now;
    peers_.push_back(std::move(peer));
  }
  thread_ = std::thread([this] { serve(); });
  pthread_setname_np(thread_.native_handle(), "canonical-mesh");
}

Mesh::~Mesh() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
  }
  uint64_t one = 1;
  [[maybe_unused]] auto written = write(wake_.fd(), &one, sizeof one);
  thread_.join();
}

void Mesh::submit(std::shared_ptr<Operation> operation) {
  std::string failure;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    failure = failure_;
    if (failure.empty()) submitted_.push_back(operation);
  }
  if (!failure.empty()) {
    operation->finish(std::make_exception_ptr(std::runtime_error(failure)));
    return;
  }
  uint64_t one = 1;
  [[maybe_unused]] auto written = write(wake_.fd(), &one, sizeof one);
}

std::string Mesh::failure() {
  std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void Mesh::post(int peer, Operation& owner, Kind kind, uint64_t offset, uint32_t index, const char* payload,
                size_t bytes) {
  Header header{kMagic, kind, owner.number, offset, index, static_cast<uint32_t>(bytes)};
  peers_[peer].outgoing.push_back(Frame{header, payload, &owner, 0});
  owner.unsent_frames++;
}

void Mesh::serve() {
  try {
    while (true) {
      {
        std::lock_guard<std::mutex> lock(mutex_);
        if (closing_) break;
      }
      turn();
    }
    close_gently();
    fail("the group was closed");
  } catch (const std::exception& error) {
    // the group's other lanes end with this one
    stop_->stop(error.what());
    fail(error.what());
  }
}

void Mesh::turn() {
  adopt();
  retry_waiting();
  retire();
  std::vector<pollfd> polled{{wake_.fd(), POLLIN, 0}, {stop_->fd(), POLLIN, 0}};
  for (const Peer& peer : peers_) {
    short events = static_cast<short>((peer.waiting ? 0 : POLLIN) | (peer.outgoing.empty() ? 0 : POLLOUT));
    polled.push_back({peer.closed ? -1 : peer.socket.fd(), events, 0});
  }
  // often enough to notice silence in time, also of a peer whose frames are not read just now
  int wait = static_cast<int>(std::clamp<int64_t>(patience_.silence.count() / 8, 10, 1000));
  if (poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR) {
    throw std::runtime_error(system_error("cannot wait for the other ranks"));
  }
  if (stop_->stopped()) throw std::runtime_error(stop_->message());
  if (polled[0].revents) {
    uint64_t count;
    [[maybe_unused]] auto got = read(wake_.fd(), &count, sizeof count);
  }
  for (int peer = 0; peer < static_cast<int>(peers_.size()); peer++) {
    short events = polled[peer + 2].revents;
    // with its frame waiting nobody would read the error off the connection
    if (events & POLLERR && peers_[peer].waiting) lost(peer, "the connection was reset");
    if (events & (POLLIN | POLLHUP | POLLERR) && !peers_[peer].waiting) read_from(peer);
    if (events & POLLOUT) write_to(peer);
  }
  retry_waiting();
  retire();
  watch_clock();
}

void Mesh::adopt() {
  std::deque<std::shared_ptr<Operation>> fresh;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    fresh.swap(submitted_);
  }
  for (auto& operation : fresh) {
    operation->number = next_number_++;
    if (active_.empty()) last_progress_ = Clock::now();
    active_[operation->number] = operation;
    operation->start(*this);
    unblocked_ = true;
    for (int peer = 0; peer < static_cast<int>(peers_.size()); peer++) {
      if (peers_[peer].closed && operation->waits_for(peer)) lost(peer, "it closed the connection");
      write_to(peer);
    }
  }
}

void Mesh::retry_waiting() {
  while (unblocked_) {
    unblocked_ = false;
    for (int peer = 0; peer < static_cast<int>(peers_.size()); peer++) {
      if (!peers_[peer].waiting) continue;
      peers_[peer].waiting = false;
      peers_[peer].last_heard = Clock::now();
      read_from(peer);
    }
  }
}

bool Mesh::read_header(int from) {
  Peer& peer = peers_[from];
  auto* bytes = reinterpret_cast<char*>(&peer.header);
  ssize_t got = recv(peer.socket.fd(), bytes + peer.header_bytes, sizeof(Header) - peer.header_bytes, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) lost(from, system_error("receiving"));
  if (got == 0) {
    // a rank that is done leaves first: only who still needs it minds
    peer.closed = true;
    bool needed = std::any_of(active_.begin(), active_.end(),
                              [&](const auto& operation) { return operation.second->waits_for(from); });
    if (needed || peer.header_bytes > 0 || !peer.outgoing.empty()) lost(from, "it closed the connection");
    return false;
  }
  peer.last_heard = Clock::now();
  peer.header_bytes += static_cast<size_t>(got);
  if (peer.header_bytes < sizeof(Header)) return true;
  if (peer.header.magic != kMagic || peer.header.bytes > kFrameBytes) lost(from, "it sent what is no frame");
  if (peer.header.kind == Kind::kAlive) peer.header_bytes = 0;
  return true;
}

// Finds the operation of a complete header, and the place of its payload; false where the frame has to wait.
bool Mesh::find_place(int from) {
  Peer& peer = peers_[from];
  uint64_t number = peer.header.operation;
  auto operation = active_.find(number);
  if (operation == active_.end()) {
    if (number < next_number_) refuse_frame("a collective that is over", from, peer.header);
    if (number > next_number_ + kAhead) refuse_frame("a collective that is far away", from, peer.header);
    peer.waiting = true;
    return false;
  }
  auto place = operation->second->place(from, peer.header);
  peer.waiting = !place;
  if (!place) return false;
  peer.payload = *place;
  peer.payload_bytes = peer.header.bytes;
  return true;
}

void Mesh::read_from(int from) {
  Peer& peer = peers_[from];
  for (size_t moved = 0; moved < kTurnBytes && !peer.closed;) {
    if (peer.header_bytes < sizeof(Header)) {
      size_t before = peer.header_bytes;
      if (!read_header(from)) return;
      moved += sizeof(Header);
      if (peer.header_bytes < sizeof(Header)) {
        if (peer.header_bytes > before) return;
        continue;
      }
    }
    if (!peer.payload && !find_place(from)) return;
    ssize_t got = recv(peer.socket.fd(), peer.payload, peer.payload_bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) lost(from, system_error("receiving"));
    if (got == 0) lost(from, "it closed the connection");
    auto now = Clock::now();
    peer.last_heard = now;
    peer.payload += got;
    peer.payload_bytes -= static_cast<size_t>(got);
    moved += static_cast<size_t>(got);
    last_progress_ = now;
    if (peer.payload_bytes == 0) {
      peer.payload = nullptr;
      peer.header_bytes = 0;
      active_.at(peer.header.operation)->received(from, peer.header, *this);
      unblocked_ = true;
    }
  }
}

void Mesh::write_to(int to) {
  Peer& peer = peers_[to];
  for (size_t moved = 0; moved < kTurnBytes && !peer.outgoing.empty();) {
    Frame& frame = peer.outgoing.front();
    size_t whole = sizeof(Header) + frame.header.bytes;
    iovec parts[2];
    int count = 0;
    if (frame.sent < sizeof(Header)) {
      parts[count++] = {reinterpret_cast<char*>(&frame.header) + frame.sent, sizeof(Header) - frame.sent};
    }
    size_t payload_sent = frame.sent < sizeof(Header) ? 0 : frame.sent - sizeof(Header);
    if (frame.header.bytes > payload_sent) {
      parts[count++] = {const_cast<char*>(frame.payload) + payload_sent, frame.header.bytes - payload_sent};
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<size_t>(count);
    ssize_t sent = sendmsg(peer.socket.fd(), &message, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) lost(to, system_error("sending"));
    auto now = Clock::now();
    peer.last_sent = now;
    frame.sent += static_cast<size_t>(sent);
    moved += static_cast<size_t>(sent);
    if (frame.owner) last_progress_ = now;
    if (frame.sent < whole) return;
    if (frame.owner) frame.owner->unsent_frames--;
    peer.outgoing.pop_front();
  }
}

void Mesh::retire() {
  for (auto at = active_.begin(); at != active_.end();) {
    Operation& operation = *at->second;
    bool done = operation.unsent_frames == 0;
    for (int peer = 0; done && peer < static_cast<int>(peers_.size()); peer++) done = !operation.waits_for(peer);
    if (!done) {
      ++at;
      continue;
    }
    auto finished = at->second;
    at = active_.erase(at);
    finished->finish(nullptr);
  }
}

void Mesh::watch_clock() {
  auto now = Clock::now();
  for (int to = 0; to < static_cast<int>(peers_.size()); to++) {
    Peer& peer = peers_[to];
    if (!peer.socket || peer.closed) continue;
    if (!peer.waiting && now - peer.last_heard > patience_.silence) {
      lost(to, "nothing was heard of it for " + seconds(patience_.silence));
    }
    if (peer.outgoing.empty() && now - peer.last_sent > patience_.silence / 4) {
      peer.outgoing.push_back(Frame{Header{kMagic, Kind::kAlive, 0, 0, 0, 0}, nullptr, nullptr, 0});
      write_to(to);
    }
  }
  if (active_.empty() || now - last_progress_ <= patience_.timeout) return;
  const Operation& oldest = *active_.begin()->second;
  std::string missing;
  for (int peer = 0; peer < static_cast<int>(peers_.size()); peer++) {
    if (oldest.waits_for(peer)) missing += (missing.empty() ? "" : ", ") + std::to_string(peer);
  }
  throw std::runtime_error(std::string(oldest.name()) + " made no progress for " + seconds(patience_.timeout) +
                           "; frames are missing of ranks " + missing);
}

void Mesh::lost(int peer, const std::string& how) {
  throw std::runtime_error("rank " + std::to_string(peer) + " is lost: " + how);
}

void Mesh::fail(const std::string& message) {
  std::deque<std::shared_ptr<Operation>> ended;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    failure_ = message;
    ended.swap(submitted_);
  }
  for (auto& [number, operation] : active_) ended.push_back(operation);
  active_.clear();
  // the others notice at once
  peers_.clear();
  auto error = std::make_exception_ptr(std::runtime_error(message));
  for (auto& operation : ended) operation->finish(error);
}

// Says goodbye and reads what is still on its way: closing a connection with unread bytes would reset it, and a peer could
// lose the last frames of a collective that is complete here.
void Mesh::close_gently() {
  auto deadline = Clock::now() + kFarewell;
  for (Peer& peer : peers_) {
    if (peer.socket) shutdown(peer.socket.fd(), SHUT_WR);
  }
  std::vector<char> bytes(64 * 1024);
  for (Peer& peer : peers_) {
    while (peer.socket && !peer.closed) {
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd polled{peer.socket.fd(), POLLIN, 0};
      if (left <= 0 || poll(&polled, 1, static_cast<int>(left)) <= 0) return;
      if (recv(peer.socket.fd(), bytes.data(), bytes.size(), 0) <= 0) break;
    }
  }
}

}  // namespace canonical
