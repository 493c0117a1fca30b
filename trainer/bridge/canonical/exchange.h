// Every rank gives bytes to every other: all-gather, broadcast and barrier are cases of it.
#pragma once
#include "operation.h"

#include <vector>

namespace canonical {

class Exchange : public Operation {
 public:
  // Sends `own_bytes` from `own` to every peer, and puts `bytes_of[p]` bytes of peer p at `places[p]`. Nothing is sent or
  // awaited where the number of bytes is 0.
  Exchange(const char* name, int rank, const char* own, size_t own_bytes, std::vector<char*> places,
           std::vector<size_t> bytes_of, std::function<void(std::exception_ptr)> done);

  const char* name() const override { return name_; }
  void start(Outbox& outbox) override;
  std::optional<char*> place(int peer, const Header& header) override;
  void received(int peer, const Header& header, Outbox& outbox) override;
  bool waits_for(int peer) const override { return received_[peer] < bytes_of_[peer]; }

 private:
  const char* name_;
  int rank_;
  const char* own_;
  size_t own_bytes_;
  std::vector<char*> places_;
  std::vector<size_t> bytes_of_;
  std::vector<size_t> received_;
};

}  // namespace canonical
