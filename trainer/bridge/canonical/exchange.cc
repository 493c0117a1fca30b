#include "exchange.h"

#include <algorithm>
#include <stdexcept>

namespace canonical {

void refuse_frame(const char* operation, int peer, const Header& header) {
  throw std::runtime_error("rank " + std::to_string(peer) + " sent a frame that does not belong here (kind " +
                           std::to_string(static_cast<uint32_t>(header.kind)) + ", offset " +
                           std::to_string(header.offset) + ", index " + std::to_string(header.index) + ", " +
                           std::to_string(header.bytes) + " bytes) to " + operation + " number " +
                           std::to_string(header.operation) + ": do all ranks train the same job with the same build?");
}

Exchange::Exchange(const char* name, int rank, const char* own, size_t own_bytes, std::vector<char*> places,
                   std::vector<size_t> bytes_of, std::function<void(std::exception_ptr)> done)
    : Operation(std::move(done)),
      name_(name),
      rank_(rank),
      own_(own),
      own_bytes_(own_bytes),
      places_(std::move(places)),
      bytes_of_(std::move(bytes_of)),
      received_(bytes_of_.size(), 0) {
  bytes_of_[rank_] = 0;
}

void Exchange::start(Outbox& outbox) {
  int size = static_cast<int>(places_.size());
  for (int step = 1; step < size; step++) {
    int peer = (rank_ + step) % size;
    for (size_t offset = 0; offset < own_bytes_; offset += kFrameBytes) {
      outbox.post(peer, *this, Kind::kBytes, offset, 0, own_ + offset, std::min(kFrameBytes, own_bytes_ - offset));
    }
  }
}

std::optional<char*> Exchange::place(int peer, const Header& header) {
  size_t expected = std::min(kFrameBytes, bytes_of_[peer] - received_[peer]);
  if (header.kind != Kind::kBytes || header.offset != received_[peer] || header.index != 0 || expected == 0 ||
      header.bytes != expected) {
    refuse_frame(name_, peer, header);
  }
  return places_[peer] + received_[peer];
}

void Exchange::received(int peer, const Header& header, Outbox&) { received_[peer] += header.bytes; }

}  // namespace canonical
