#include "backend.h"

#include "exchange.h"

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

namespace canonical {
namespace {

using at::Tensor;
using Future = c10::ivalue::Future;

// The callback that gives `future` its value or its error. It keeps the tensors until then.
std::function<void(std::exception_ptr)> completing(c10::intrusive_ptr<Future> future, c10::IValue value,
                                                   std::vector<Tensor> tensors) {
  return [future, value, tensors](std::exception_ptr error) {
    try {
      if (error) {
        future->setErrorIfNeeded(error);
      } else {
        future->markCompleted(value);
      }
    } catch (...) {
      // a callback of the future threw: the future itself is complete, and who waits for it learns of it there
    }
  };
}

// Work whose wait throws what the future holds: c10d's own wrapper around a future leaves an error to be looked for.
class FutureWork final : public c10d::Work {
 public:
  explicit FutureWork(c10::intrusive_ptr<Future> future) : future_(std::move(future)) {}
  bool isCompleted() override { return future_->completed(); }
  bool isSuccess() const override { return future_->completed() && !future_->hasError(); }
  std::exception_ptr exception() const override { return future_->hasError() ? future_->exception_ptr() : nullptr; }
  std::vector<Tensor> result() override { return future_->value().toTensorVector(); }
  bool wait(std::chrono::milliseconds) override {
    // the group has limits of its own
    future_->waitAndThrow();
    return true;
  }
  c10::intrusive_ptr<Future> getFuture() override { return future_; }

 private:
  c10::intrusive_ptr<Future> future_;
};

c10::intrusive_ptr<Future> future_of_tensors() {
  return c10::make_intrusive<Future>(c10::ListType::create(c10::TensorType::get()));
}

void check_tensor(const Tensor& tensor, const char* what) {
  TORCH_CHECK(tensor.device().is_cpu() && tensor.is_contiguous(), what, " of the canonical backend takes contiguous tensors in main memory");
}

const Tensor& only(const std::vector<Tensor>& tensors, const char* what) {
  TORCH_CHECK(tensors.size() == 1, what, " of the canonical backend takes one tensor, not ", tensors.size());
  check_tensor(tensors[0], what);
  return tensors[0];
}

// Values from which on a tensor is reduced in parts.
constexpr size_t kDivided = 1 << 18;

// Parts of an operation that is done with the last of them.
class Joint {
 public:
  Joint(size_t parts, std::function<void(std::exception_ptr)> done) : open_(parts), done_(std::move(done)) {}

  void part_done(std::exception_ptr error) {
    std::exception_ptr first;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (error && !error_) error_ = error;
      if (--open_ > 0) return;
      first = error_;
    }
    done_(first);
  }

 private:
  std::mutex mutex_;
  size_t open_;
  std::exception_ptr error_;
  std::function<void(std::exception_ptr)> done_;
};

char* bytes_of(const Tensor& tensor) { return static_cast<char*>(tensor.data_ptr()); }

}  // namespace

CanonicalBackend::CanonicalBackend(int rank, std::vector<Lane> lanes, Patience patience,
                                   std::shared_ptr<StopSwitch> stop, Program sum_of_ranks)
    : c10d::Backend(rank, static_cast<int>(lanes.at(0).size())),
      scratch_(std::make_shared<Scratch>()),
      adding_(std::make_shared<Adding>(0)),
      sum_of_ranks_(std::make_shared<const Program>(std::move(sum_of_ranks))) {
  for (Lane& lane : lanes) lanes_.push_back(std::make_unique<Mesh>(rank, std::move(lane), patience, stop));
}

std::string CanonicalBackend::failure() {
  for (auto& lane : lanes_) {
    auto failure = lane->failure();
    if (!failure.empty()) return failure;
  }
  return {};
}

c10::intrusive_ptr<Future> CanonicalBackend::reduce(std::shared_ptr<const Program> program,
                                                    std::vector<const float*> own, float* result, size_t values,
                                                    std::vector<Tensor> kept, Tensor value, float scale) {
  auto future = c10::make_intrusive<Future>(c10::TensorType::get());
  size_t parts = values < kDivided ? 1 : lanes_.size();
  auto joint = std::make_shared<Joint>(parts, completing(future, value, std::move(kept)));
  for (size_t part = 0; part < parts; part++) {
    size_t first = values / parts * part;
    size_t length = part + 1 == parts ? values - first : values / parts;
    std::vector<const float*> contributions;
    for (const float* contribution : own) contributions.push_back(contribution + first);
    lanes_[part]->submit(std::make_shared<TreeReduction>(program, scratch_, adding_, rank_, std::move(contributions),
                                                         result + first, length, scale,
                                                         [joint](std::exception_ptr error) { joint->part_done(error); }));
  }
  return future;
}

c10::intrusive_ptr<c10d::Work> CanonicalBackend::allreduce(std::vector<Tensor>& tensors,
                                                           const c10d::AllreduceOptions& options) {
  const Tensor& tensor = only(tensors, "allreduce");
  TORCH_CHECK(options.reduceOp == c10d::ReduceOp::SUM || options.reduceOp == c10d::ReduceOp::AVG,
              "allreduce of the canonical backend knows SUM and AVG only");
  float scale = options.reduceOp == c10d::ReduceOp::AVG ? 1.0f / static_cast<float>(size_) : 1.0f;
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical backend reduces float32, not ", tensor.scalar_type());
  auto* values = tensor.mutable_data_ptr<float>();
  auto reduced = reduce(sum_of_ranks_, {values}, values, static_cast<size_t>(tensor.numel()), {tensor}, tensor, scale);
  auto listed = reduced->then([](Future& future) -> c10::IValue { return std::vector<Tensor>{future.value().toTensor()}; },
                              c10::ListType::create(c10::TensorType::get()));
  return c10::make_intrusive<FutureWork>(listed);
}

c10::intrusive_ptr<c10d::Work> CanonicalBackend::broadcast(std::vector<Tensor>& tensors,
                                                           const c10d::BroadcastOptions& options) {
  const Tensor& tensor = only(tensors, "broadcast");
  TORCH_CHECK(options.rootRank >= 0 && options.rootRank < size_, "broadcast from rank ", options.rootRank, " of ", size_);
  bool root = options.rootRank == rank_;
  std::vector<size_t> sizes(static_cast<size_t>(size_), 0);
  if (!root) sizes[static_cast<size_t>(options.rootRank)] = tensor.nbytes();
  auto future = future_of_tensors();
  lanes_.front()->submit(std::make_shared<Exchange>("a broadcast", rank_, bytes_of(tensor), root ? tensor.nbytes() : 0,
                                          std::vector<char*>(static_cast<size_t>(size_), bytes_of(tensor)), sizes,
                                          completing(future, tensors, tensors)));
  return c10::make_intrusive<FutureWork>(future);
}

c10::intrusive_ptr<c10d::Work> CanonicalBackend::allgather(std::vector<std::vector<Tensor>>& outputs,
                                                           std::vector<Tensor>& inputs, const c10d::AllgatherOptions&) {
  const Tensor& input = only(inputs, "allgather");
  TORCH_CHECK(outputs.size() == 1 && outputs[0].size() == static_cast<size_t>(size_),
              "allgather of the canonical backend fills one tensor for each rank");
  std::vector<char*> places;
  for (const Tensor& output : outputs[0]) {
    check_tensor(output, "allgather");
    TORCH_CHECK(output.nbytes() == input.nbytes(), "allgather takes tensors of one size");
    places.push_back(bytes_of(output));
  }
  outputs[0][static_cast<size_t>(rank_)].copy_(input);
  auto future = future_of_tensors();
  std::vector<Tensor> kept = outputs[0];
  kept.push_back(input);
  lanes_.front()->submit(std::make_shared<Exchange>("an all-gather", rank_, bytes_of(input), input.nbytes(), places,
                                          std::vector<size_t>(static_cast<size_t>(size_), input.nbytes()),
                                          completing(future, outputs[0], kept)));
  return c10::make_intrusive<FutureWork>(future);
}

c10::intrusive_ptr<c10d::Work> CanonicalBackend::barrier(const c10d::BarrierOptions&) {
  // what the bytes are does not matter, only that they come
  Tensor presence = at::empty({size_ + 1}, at::kByte);
  std::vector<char*> places;
  for (int rank = 0; rank < size_; rank++) places.push_back(bytes_of(presence) + rank + 1);
  auto future = future_of_tensors();
  lanes_.front()->submit(std::make_shared<Exchange>("a barrier", rank_, bytes_of(presence), 1, places,
                                          std::vector<size_t>(static_cast<size_t>(size_), 1),
                                          completing(future, std::vector<Tensor>{presence}, {presence})));
  return c10::make_intrusive<FutureWork>(future);
}

}  // namespace canonical
