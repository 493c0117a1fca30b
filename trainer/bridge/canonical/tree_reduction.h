// The sum of all ranks' contributions along a fixed binary tree, scaled, on every rank.
#pragma once
#include "operation.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace canonical {

// How the ranks' contributions become one sum. The caller fixes the tree; the same program gives the same bits whatever the
// number of ranks, the size of the tensor and the order of arrival.
struct Program {
  static constexpr int32_t kAdd = -1;

  // How many contributions each rank makes; they are numbered rank by rank.
  std::vector<uint32_t> contributions;
  // In postfix order: the number of a contribution, or kAdd for the sum of the two values before.
  std::vector<int32_t> postfix;

  // Throws where the program does not come to one value.
  void check() const;
  uint32_t first_of(int rank) const;
};

// sum = left + right, each element rounded once; `sum` may be one of the others.
void add(const float* left, const float* right, float* sum, size_t values);

// Memory for frames under way, kept from one operation to the next.
class Scratch {
 public:
  std::vector<float> take(size_t values);
  void give(std::vector<float> memory);

 private:
  std::mutex mutex_;
  std::vector<std::vector<float>> kept_;
};

// Time that a group's reductions spent on additions, in ticks of the clock.
using Adding = std::atomic<Clock::rep>;

// Rank r owns share r of the tensor: it gets every other rank's contributions to that share, adds them frame by frame, and
// sends each finished frame to all. On the wire that is 2 (W - 1) / W of the tensor for each rank that makes one
// contribution: as much as a ring.
class TreeReduction : public Operation {
 public:
  // `own` are this rank's contributions, `result` may be one of them; all have `values` elements.
  TreeReduction(std::shared_ptr<const Program> program, std::shared_ptr<Scratch> scratch,
                std::shared_ptr<Adding> adding, int rank, std::vector<const float*> own, float* result,
                size_t values, float scale, std::function<void(std::exception_ptr)> done);
  ~TreeReduction() override;

  const char* name() const override { return "a reduction"; }
  void start(Outbox& outbox) override;
  std::optional<char*> place(int peer, const Header& header) override;
  void received(int peer, const Header& header, Outbox& outbox) override;
  bool waits_for(int peer) const override;

 private:
  struct Share {
    size_t first;
    size_t values;
    size_t frames() const;
  };
  Share share_of(int rank) const;
  // Values of frame `frame` of `share`.
  static size_t frame_values(const Share& share, size_t frame);
  float* slot(uint32_t contribution, size_t frame);
  void reduce_ready(Outbox& outbox);
  void reduce(size_t frame);

  std::shared_ptr<const Program> program_;
  std::shared_ptr<Scratch> scratch_;
  std::shared_ptr<Adding> adding_;
  int rank_;
  int size_;
  std::vector<const float*> own_;
  float* result_;
  size_t values_;
  float scale_;
  Share mine_;
  // Frames of parts that came from each peer, over all its contributions; frames of results.
  std::vector<size_t> parts_received_;
  std::vector<size_t> results_received_;
  size_t reduced_ = 0;
  std::vector<float> slots_;
};

}  // namespace canonical
