#include "tree_reduction.h"

#include <algorithm>
#include <stdexcept>

namespace canonical {
namespace {

constexpr size_t kFrameValues = kFrameBytes / sizeof(float);
// Frames of one contribution that may wait for other ranks'.
constexpr size_t kSlots = 4;
// Values that are added at a time, so that sums between stay in the first cache.
constexpr size_t kBlock = 2048;
// Shares begin at multiples of a cache line.
constexpr size_t kAlignment = 16;

__attribute__((target_clones("avx2", "default"))) void scale_by(const float* values, float factor, float* scaled,
                                                                size_t count) {
  for (size_t i = 0; i < count; i++) scaled[i] = values[i] * factor;
}

// The same as an addition and then a scaling, in one go.
__attribute__((target_clones("avx2", "default"))) void add_and_scale(const float* left, const float* right, float factor,
                                                                     float* scaled, size_t count) {
  for (size_t i = 0; i < count; i++) scaled[i] = (left[i] + right[i]) * factor;
}

}  // namespace

// Plain additions, each rounded once: no instruction that a compiler may choose here gives other bits.
__attribute__((target_clones("avx2", "default"))) void add(const float* left, const float* right, float* sum, size_t values) {
  for (size_t i = 0; i < values; i++) sum[i] = left[i] + right[i];
}

void Program::check() const {
  size_t total = 0;
  for (uint32_t count : contributions) total += count;
  if (std::find(contributions.begin(), contributions.end(), 0u) != contributions.end()) {
    throw std::runtime_error("every rank of a reduction makes a contribution");
  }
  size_t depth = 0;
  for (int32_t step : postfix) {
    if (step == kAdd ? depth < 2 : step < 0 || static_cast<size_t>(step) >= total) {
      throw std::runtime_error("the program of a reduction is not in postfix order");
    }
    depth += step == kAdd ? -1 : 1;
  }
  if (depth != 1) throw std::runtime_error("the program of a reduction does not come to one value");
}

uint32_t Program::first_of(int rank) const {
  uint32_t first = 0;
  for (int before = 0; before < rank; before++) first += contributions[before];
  return first;
}

std::vector<float> Scratch::take(size_t values) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto fits = std::find_if(kept_.begin(), kept_.end(), [&](const auto& memory) { return memory.size() >= values; });
  if (fits == kept_.end()) return std::vector<float>(values);
  auto memory = std::move(*fits);
  kept_.erase(fits);
  return memory;
}

void Scratch::give(std::vector<float> memory) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (kept_.size() < 8) kept_.push_back(std::move(memory));
}

size_t TreeReduction::Share::frames() const { return (values + kFrameValues - 1) / kFrameValues; }

TreeReduction::TreeReduction(std::shared_ptr<const Program> program, std::shared_ptr<Scratch> scratch,
                             std::shared_ptr<Adding> adding, int rank, std::vector<const float*> own,
                             float* result, size_t values, float scale, std::function<void(std::exception_ptr)> done)
    : Operation(std::move(done)),
      program_(std::move(program)),
      scratch_(std::move(scratch)),
      adding_(std::move(adding)),
      rank_(rank),
      size_(static_cast<int>(program_->contributions.size())),
      own_(std::move(own)),
      result_(result),
      values_(values),
      scale_(scale),
      mine_(share_of(rank)),
      parts_received_(size_, 0),
      results_received_(size_, 0) {
  if (own_.size() != program_->contributions[rank_]) {
    throw std::runtime_error("this rank makes " + std::to_string(own_.size()) + " contributions, its program counts " +
                             std::to_string(program_->contributions[rank_]));
  }
  size_t foreign = program_->first_of(size_) - own_.size();
  slots_ = scratch_->take(foreign * std::min(kSlots * kFrameValues, mine_.values));
}

TreeReduction::~TreeReduction() { scratch_->give(std::move(slots_)); }

TreeReduction::Share TreeReduction::share_of(int rank) const {
  auto bound = [&](int of) { return of == size_ ? values_ : values_ / size_ * of / kAlignment * kAlignment; };
  return Share{bound(rank), bound(rank + 1) - bound(rank)};
}

size_t TreeReduction::frame_values(const Share& share, size_t frame) {
  return std::min(kFrameValues, share.values - frame * kFrameValues);
}

float* TreeReduction::slot(uint32_t contribution, size_t frame) {
  uint32_t first = program_->first_of(rank_);
  size_t foreign = contribution < first ? contribution : contribution - own_.size();
  size_t values = std::min(kSlots * kFrameValues, mine_.values);
  return slots_.data() + foreign * values + frame % kSlots * kFrameValues;
}

void TreeReduction::start(Outbox& outbox) {
  for (int step = 1; step < size_; step++) {
    int peer = (rank_ + step) % size_;
    Share share = share_of(peer);
    for (size_t frame = 0; frame < share.frames(); frame++) {
      size_t first = share.first + frame * kFrameValues;
      for (uint32_t index = 0; index < own_.size(); index++) {
        outbox.post(peer, *this, Kind::kPart, first * sizeof(float), index,
                    reinterpret_cast<const char*>(own_[index] + first), frame_values(share, frame) * sizeof(float));
      }
    }
  }
  reduce_ready(outbox);
}

std::optional<char*> TreeReduction::place(int peer, const Header& header) {
  auto fits = [&](const Share& share, size_t frame, uint32_t index) {
    return frame < share.frames() && header.index == index &&
           header.offset == (share.first + frame * kFrameValues) * sizeof(float) &&
           header.bytes == frame_values(share, frame) * sizeof(float);
  };
  if (header.kind == Kind::kPart) {
    size_t contributions = program_->contributions[peer];
    size_t frame = parts_received_[peer] / contributions;
    uint32_t index = parts_received_[peer] % contributions;
    if (!fits(mine_, frame, index)) refuse_frame(name(), peer, header);
    if (frame >= reduced_ + kSlots) return std::nullopt;
    return reinterpret_cast<char*>(slot(program_->first_of(peer) + index, frame));
  }
  Share share = share_of(peer);
  if (header.kind != Kind::kResult || !fits(share, results_received_[peer], 0)) refuse_frame(name(), peer, header);
  return reinterpret_cast<char*>(result_) + header.offset;
}

void TreeReduction::received(int peer, const Header& header, Outbox& outbox) {
  if (header.kind == Kind::kResult) {
    results_received_[peer]++;
  } else {
    parts_received_[peer]++;
    reduce_ready(outbox);
  }
}

bool TreeReduction::waits_for(int peer) const {
  return peer != rank_ && (parts_received_[peer] < mine_.frames() * program_->contributions[peer] ||
                           results_received_[peer] < share_of(peer).frames());
}

void TreeReduction::reduce_ready(Outbox& outbox) {
  auto ready = [&](int peer) {
    return peer == rank_ || parts_received_[peer] >= (reduced_ + 1) * program_->contributions[peer];
  };
  while (reduced_ < mine_.frames()) {
    for (int peer = 0; peer < size_; peer++) {
      if (!ready(peer)) return;
    }
    size_t frame = reduced_++;
    auto begun = Clock::now();
    reduce(frame);
    *adding_ += (Clock::now() - begun).count();
    size_t first = mine_.first + frame * kFrameValues;
    for (int step = 1; step < size_; step++) {
      outbox.post((rank_ + step) % size_, *this, Kind::kResult, first * sizeof(float), 0,
                  reinterpret_cast<const char*>(result_ + first), frame_values(mine_, frame) * sizeof(float));
    }
  }
}

void TreeReduction::reduce(size_t frame) {
  size_t values = frame_values(mine_, frame);
  size_t first = mine_.first + frame * kFrameValues;
  uint32_t first_own = program_->first_of(rank_);
  std::vector<std::vector<float>> sums;
  std::vector<const float*> stack;
  for (size_t block = 0; block < values; block += kBlock) {
    size_t count = std::min(kBlock, values - block);
    stack.clear();
    float* result = result_ + first + block;
    for (size_t at = 0; at < program_->postfix.size(); at++) {
      int32_t step = program_->postfix[at];
      if (step == Program::kAdd && at + 1 == program_->postfix.size()) {
        add_and_scale(stack[0], stack[1], scale_, result, count);
      } else if (step == Program::kAdd) {
        const float* right = stack.back();
        stack.pop_back();
        // the sum at depth d has its own memory, so that it may be added onto itself
        while (sums.size() < stack.size()) sums.emplace_back(kBlock);
        float* sum = sums[stack.size() - 1].data();
        add(stack.back(), right, sum, count);
        stack.back() = sum;
      } else {
        uint32_t own = static_cast<uint32_t>(step) - first_own;
        const float* contribution = own < own_.size() ? own_[own] + first : slot(step, frame);
        stack.push_back(contribution + block);
      }
    }
    // one worker that holds the whole sum
    if (program_->postfix.size() == 1) scale_by(stack.back(), scale_, result, count);
  }
}

}  // namespace canonical
