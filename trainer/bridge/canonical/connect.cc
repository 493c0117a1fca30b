#include "connect.h"

#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>
#include <stdexcept>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace canonical {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kGreetingMagic[8] = {'a', 'i', 'x', 'b', 'm', 'e', 's', 'h'};
// How long a stranger who connects may take to say who it is.
constexpr std::chrono::milliseconds kGreetingTimeout{3000};

struct Greeting {
  char magic[8];
  uint32_t version;
  uint32_t rank;
  Session session;
  uint32_t lane;
  uint32_t lanes;
};
static_assert(sizeof(Greeting) == 56);

struct Addresses {
  explicit Addresses(const std::string& host, const char* port, bool passive) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = passive ? AI_PASSIVE : 0;
    if (int error = getaddrinfo(host.c_str(), port, &hints, &list)) {
      throw std::runtime_error("cannot resolve " + host + ": " + gai_strerror(error));
    }
  }
  ~Addresses() { freeaddrinfo(list); }
  addrinfo* list = nullptr;
};

class Deadline {
 public:
  Deadline(std::chrono::milliseconds timeout, const StopSwitch& stop) : at_(Clock::now() + timeout), stop_(stop) {}
  Deadline(const Deadline& outer, std::chrono::milliseconds timeout)
      : at_(std::min(outer.at_, Clock::now() + timeout)), stop_(outer.stop_) {}

  // Waits until `fd` is ready for `events`; throws where that takes too long, or when the group is stopped.
  void await(int fd, short events, const std::string& what) const {
    while (true) {
      auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now()).count();
      if (left <= 0) throw std::runtime_error(what + ": no answer in time");
      pollfd polled[2] = {{fd, events, 0}, {stop_.fd(), POLLIN, 0}};
      int ready = poll(polled, 2, static_cast<int>(left));
      if (ready < 0 && errno != EINTR) throw std::runtime_error(system_error(what));
      if (stop_.stopped()) throw std::runtime_error(stop_.message());
      if (ready > 0 && polled[0].revents) return;
    }
  }

 private:
  Clock::time_point at_;
  const StopSwitch& stop_;
};

void write_all(int fd, const void* data, size_t bytes, const Deadline& deadline, const std::string& what) {
  auto* at = static_cast<const char*>(data);
  while (bytes > 0) {
    ssize_t sent = send(fd, at, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error(system_error(what));
    if (sent < 0) {
      deadline.await(fd, POLLOUT, what);
      continue;
    }
    at += sent;
    bytes -= static_cast<size_t>(sent);
  }
}

void read_all(int fd, void* data, size_t bytes, const Deadline& deadline, const std::string& what) {
  auto* at = static_cast<char*>(data);
  while (bytes > 0) {
    ssize_t got = recv(fd, at, bytes, 0);
    if (got == 0) throw std::runtime_error(what + ": the connection was closed");
    if (got < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error(system_error(what));
    if (got < 0) {
      deadline.await(fd, POLLIN, what);
      continue;
    }
    at += got;
    bytes -= static_cast<size_t>(got);
  }
}

Greeting greeting_of(int rank, const Session& session, int lane, int lanes) {
  Greeting greeting{};
  std::memcpy(greeting.magic, kGreetingMagic, sizeof greeting.magic);
  greeting.version = 1;
  greeting.rank = static_cast<uint32_t>(rank);
  greeting.session = session;
  greeting.lane = static_cast<uint32_t>(lane);
  greeting.lanes = static_cast<uint32_t>(lanes);
  return greeting;
}

Greeting read_greeting(int fd, const Session& session, int lanes, const Deadline& deadline, const std::string& what) {
  Greeting greeting;
  read_all(fd, &greeting, sizeof greeting, deadline, what);
  if (std::memcmp(greeting.magic, kGreetingMagic, sizeof greeting.magic) != 0 || greeting.version != 1 ||
      greeting.session != session || greeting.lanes != static_cast<uint32_t>(lanes) || greeting.lane >= greeting.lanes) {
    throw std::runtime_error(what + ": it belongs to another group or another build");
  }
  return greeting;
}

// Whether both ends of a connection have one address.
bool on_this_host(int fd) {
  sockaddr_storage near{}, far{};
  socklen_t near_length = sizeof near, far_length = sizeof far;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&near), &near_length) != 0 ||
      getpeername(fd, reinterpret_cast<sockaddr*>(&far), &far_length) != 0 || near.ss_family != far.ss_family) {
    return false;
  }
  if (near.ss_family == AF_INET6) {
    return std::memcmp(&reinterpret_cast<sockaddr_in6&>(near).sin6_addr, &reinterpret_cast<sockaddr_in6&>(far).sin6_addr,
                       sizeof(in6_addr)) == 0;
  }
  return reinterpret_cast<sockaddr_in&>(near).sin_addr.s_addr == reinterpret_cast<sockaddr_in&>(far).sin_addr.s_addr;
}

void set_up(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // between processes of one host little is under way at a time, so that it is read from the cache: a fifth faster than the
  // buffer that the system chooses, which is right for a network
  int bytes = 256 * 1024;
  if (on_this_host(fd)) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

Socket connect_to(const std::string& address, const Deadline& deadline, const std::string& what) {
  auto colon = address.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error(what + ": its address has no port");
  Addresses addresses(address.substr(0, colon), address.c_str() + colon + 1, false);
  std::string failure = what + ": no address";
  for (addrinfo* at = addresses.list; at; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw std::runtime_error(system_error(what));
    if (connect(socket.fd(), at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
      failure = system_error(what);
      continue;
    }
    deadline.await(socket.fd(), POLLOUT, what);
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0) return socket;
    errno = error;
    failure = system_error(what);
  }
  throw std::runtime_error(failure);
}

struct Accepted {
  Greeting greeting;
  Socket socket;
};

// A connection of one of the ranks above `rank`; nothing where somebody else knocked.
std::optional<Accepted> accept_one(const Listener& listener, int rank, int size, const Session& session, int lanes,
                                   const Deadline& deadline) {
  deadline.await(listener.socket.fd(), POLLIN, "waiting for the other ranks to connect");
  Socket socket(accept4(listener.socket.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) {
    // who hung up before it was accepted is nobody's loss
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return std::nullopt;
    throw std::runtime_error(system_error("cannot accept a connection"));
  }
  try {
    Deadline patience(deadline, kGreetingTimeout);
    Greeting greeting = read_greeting(socket.fd(), session, lanes, patience, "a connection");
    if (greeting.rank <= static_cast<uint32_t>(rank) || greeting.rank >= static_cast<uint32_t>(size)) return std::nullopt;
    Greeting own = greeting_of(rank, session, static_cast<int>(greeting.lane), lanes);
    write_all(socket.fd(), &own, sizeof own, patience, "a connection");
    return Accepted{greeting, std::move(socket)};
  } catch (const std::runtime_error&) {
    // a stranger, or a rank that died just now: the deadline tells
    return std::nullopt;
  }
}

}  // namespace

std::string system_error(const std::string& what) { return what + ": " + std::strerror(errno); }

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

StopSwitch::StopSwitch() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw std::runtime_error(system_error("cannot make an eventfd"));
}

void StopSwitch::stop(const std::string& message) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_) return;
  message_ = message;
  stopped_ = true;
  uint64_t one = 1;
  // never read again, so that it stays readable for everyone who waits
  [[maybe_unused]] auto written = write(event_.fd(), &one, sizeof one);
}

std::string StopSwitch::message() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return message_;
}

Listener listen_on(const std::string& address) {
  Addresses addresses(address, "0", true);
  addrinfo* at = addresses.list;
  Socket socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (!socket || bind(socket.fd(), at->ai_addr, at->ai_addrlen) != 0 || listen(socket.fd(), SOMAXCONN) != 0 ||
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
    throw std::runtime_error(system_error("cannot listen on " + address));
  }
  uint16_t port = bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                              : reinterpret_cast<sockaddr_in*>(&bound)->sin_port;
  return Listener{std::move(socket), ntohs(port)};
}

std::vector<Lane> connect_all(const Listener& listener, int rank, const std::vector<std::string>& addresses,
                              const Session& session, int lanes, std::chrono::milliseconds timeout,
                              const StopSwitch& stop) {
  Deadline deadline(timeout, stop);
  int size = static_cast<int>(addresses.size());
  std::vector<Lane> connected;
  for (int lane = 0; lane < lanes; lane++) connected.emplace_back(static_cast<size_t>(size));
  for (int peer = 0; peer < rank; peer++) {
    std::string what = "rank " + std::to_string(peer) + " at " + addresses[peer];
    for (int lane = 0; lane < lanes; lane++) {
      Socket socket = connect_to(addresses[peer], deadline, what);
      Greeting own = greeting_of(rank, session, lane, lanes);
      write_all(socket.fd(), &own, sizeof own, deadline, what);
      Greeting answer = read_greeting(socket.fd(), session, lanes, deadline, what);
      if (answer.rank != static_cast<uint32_t>(peer) || answer.lane != static_cast<uint32_t>(lane)) {
        throw std::runtime_error(what + ": another rank answers there");
      }
      connected[lane][peer] = std::move(socket);
    }
  }
  for (int missing = (size - rank - 1) * lanes; missing > 0;) {
    auto accepted = accept_one(listener, rank, size, session, lanes, deadline);
    if (!accepted) continue;
    Socket& place = connected[accepted->greeting.lane][accepted->greeting.rank];
    if (place) continue;
    place = std::move(accepted->socket);
    missing--;
  }
  for (const Lane& lane : connected) {
    for (const Socket& socket : lane) {
      if (socket) set_up(socket.fd());
    }
  }
  return connected;
}

}  // namespace canonical
