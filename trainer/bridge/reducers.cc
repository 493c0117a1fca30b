// libtorch's Reducer: averaging as DistributedDataParallel does, or with a hook that sums along the tree of virtual ranks.
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include <torch/csrc/distributed/c10d/comm.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include "c10d_bridge.h"
#include "group.h"
#include "guarded.h"

namespace {

using at::Tensor;
using c10::ivalue::Future;
using canonical::Clock;

// Where a bucket's values lie among all values in the order of the buckets, and its parameters.
struct BucketPlace {
  size_t first;
  size_t values;
  std::vector<size_t> parameters;
};

// Sums of one rank's virtual ranks. Complete subtrees lie on a stack, as flat gradients in the order of the buckets; each
// pass adds a leaf, and merges it with what lies on top as often as the tree says.
class Sums {
 public:
  Sums(c10::intrusive_ptr<canonical::CanonicalBackend> backend, std::shared_ptr<const canonical::Program> program,
       float scale, std::vector<BucketPlace> buckets, std::vector<size_t> lengths)
      : backend_(std::move(backend)),
        program_(std::move(program)),
        scale_(scale),
        buckets_(std::move(buckets)),
        lengths_(std::move(lengths)) {}

  void begin_pass(float* const* gradients, uint32_t merges, bool last, std::function<bool()> spare_time) {
    if (last_) height_ = 0;
    if (merges > height_) throw std::runtime_error("a pass merges more sums than there are");
    gradients_ = gradients;
    spare_time_ = std::move(spare_time);
    adding_ = Clock::duration::zero();
    merges_ = merges;
    last_ = last;
    target_ = height_ - merges;
    height_ = target_ + 1;
    // a last leaf that merges with nothing is sent from where it is
    size_t needed = last && merges == 0 ? target_ : target_ + 1;
    size_t values = buckets_.empty() ? 0 : buckets_.back().first + buckets_.back().values;
    while (stack_->size() < needed) stack_->emplace_back(values);
  }

  void end_pass(double* adding, double* waiting) {
    gradients_ = nullptr;
    spare_time_ = nullptr;
    auto exposed = Clock::duration::zero();
    auto beside = Clock::duration::zero();
    if (last_) {
      exposed = Clock::now() - handed_over_;
      beside = std::min<Clock::duration>(exposed, backend_->adding() - added_before_);
      // alone there is nobody to wait for
      if (backend_->getSize() == 1) beside = exposed;
    }
    auto seconds = [](Clock::duration duration) { return std::chrono::duration<double>(duration).count(); };
    *adding = seconds(adding_ + beside);
    *waiting = seconds(exposed - beside);
  }

  c10::intrusive_ptr<Future> take(size_t index, const Tensor& bucket) {
    auto begun = Clock::now();
    const BucketPlace& place = buckets_.at(index);
    if (bucket.numel() != static_cast<int64_t>(place.values) || !bucket.is_contiguous()) {
      throw std::runtime_error("a bucket has another layout than its parameters");
    }
    const float* leaf = bucket.const_data_ptr<float>();
    if (gradients_) copy_gradients(place, leaf);
    auto at = [&](size_t level) { return (*stack_)[level].data() + place.first; };
    bool in_place = last_ && merges_ == 0;
    if (merges_ > 0) {
      // left before right: the leaf joins the sum on top, that sum the one below it, and so on
      size_t top = target_ + merges_ - 1;
      canonical::add(at(top), leaf, at(top), place.values);
      for (; top > target_; top--) canonical::add(at(top - 1), at(top), at(top - 1), place.values);
    } else if (!in_place) {
      std::copy(leaf, leaf + place.values, at(target_));
    }
    adding_ += Clock::now() - begun;
    if (!last_) {
      auto future = c10::make_intrusive<Future>(c10::TensorType::get());
      future->markCompleted(bucket);
      return future;
    }
    std::vector<const float*> own;
    for (size_t level = 0; level < height_; level++) own.push_back(in_place && level == target_ ? leaf : at(level));
    auto future = backend_->reduce(program_, std::move(own), stack_, bucket, scale_);
    added_before_ = backend_->adding();
    handed_over_ = Clock::now();
    if (index + 1 == buckets_.size()) {
      while (!future->completed() && spare_time_()) {
      }
    }
    return future;
  }

 private:
  void copy_gradients(const BucketPlace& place, const float* leaf) {
    for (size_t parameter : place.parameters) {
      std::copy(leaf, leaf + lengths_[parameter], gradients_[parameter]);
      leaf += lengths_[parameter];
    }
  }

  c10::intrusive_ptr<canonical::CanonicalBackend> backend_;
  std::shared_ptr<const canonical::Program> program_;
  float scale_;
  std::vector<BucketPlace> buckets_;
  std::vector<size_t> lengths_;
  // Operations in progress keep it, and nothing that leads to the backend: its last owner would be its own thread, which
  // cannot wait for itself.
  std::shared_ptr<std::vector<std::vector<float>>> stack_ = std::make_shared<std::vector<std::vector<float>>>();
  size_t height_ = 0;
  // The pass in progress.
  float* const* gradients_ = nullptr;
  std::function<bool()> spare_time_;
  uint32_t merges_ = 0;
  bool last_ = false;
  size_t target_ = 0;
  // Time of the additions here; when the last bucket went on its way, and the group's additions by then.
  Clock::duration adding_{0};
  Clock::time_point handed_over_;
  Clock::duration added_before_{0};
};

class TreeHook : public c10d::CppCommHookInterface<Sums*> {
 public:
  explicit TreeHook(Sums* sums) : CppCommHookInterface<Sums*>(sums) {}

  c10::intrusive_ptr<Future> runHook(c10d::GradBucket& bucket) override {
    return state_->take(bucket.getIndex(), bucket.getBuffer());
  }
};

struct OwnedReducer {
  std::shared_ptr<Sums> sums;
  std::unique_ptr<c10d::Reducer> reducer;
};

OwnedReducer* as_reducer(void* reducer) { return static_cast<OwnedReducer*>(reducer); }

std::vector<std::vector<size_t>> assign_buckets(const std::vector<Tensor>& parameters, size_t first_bucket_bytes,
                                                size_t bucket_bytes) {
  std::vector<bool> expect_sparse(parameters.size(), false);
  auto assignment =
      c10d::compute_bucket_assignment_by_size(parameters, {first_bucket_bytes, bucket_bytes}, expect_sparse);
  auto buckets = std::get<0>(assignment);
  // gradients become ready from the last parameter to the first
  std::reverse(buckets.begin(), buckets.end());
  return buckets;
}

std::unique_ptr<c10d::Reducer> reducer_of(Group& group, const std::vector<Tensor>& parameters,
                                          const std::vector<std::vector<size_t>>& buckets, size_t first_bucket_bytes,
                                          size_t bucket_bytes) {
  return std::make_unique<c10d::Reducer>(
      parameters, buckets, group.group, /*expect_sparse_gradients=*/std::vector<bool>(parameters.size(), false),
      static_cast<int64_t>(bucket_bytes), /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/true,
      /*param_names=*/std::unordered_map<size_t, std::string>{}, static_cast<int64_t>(first_bucket_bytes),
      /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false, std::vector<int64_t>{});
}

}  // namespace

extern "C" {

char* averaging_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes,
                            size_t bucket_bytes, void** reducer) {
  return guarded([=] {
    auto tensors = as_tensors(parameters, count);
    auto buckets = assign_buckets(tensors, first_bucket_bytes, bucket_bytes);
    auto owner = std::make_unique<OwnedReducer>();
    owner->reducer = reducer_of(*as_group(group), tensors, buckets, first_bucket_bytes, bucket_bytes);
    *reducer = owner.release();
  });
}

char* tree_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes, size_t bucket_bytes,
                       const uint32_t* contributions, const int32_t* postfix, size_t postfix_length, float scale,
                       void** reducer) {
  return guarded([=] {
    auto backend = as_group(group)->canonical;
    if (!backend) throw std::runtime_error("only a canonical group sums along a tree");
    auto program = std::make_shared<canonical::Program>();
    program->contributions.assign(contributions, contributions + backend->getSize());
    program->postfix.assign(postfix, postfix + postfix_length);
    program->check();
    auto tensors = as_tensors(parameters, count);
    auto buckets = assign_buckets(tensors, first_bucket_bytes, bucket_bytes);
    std::vector<size_t> lengths;
    for (const Tensor& tensor : tensors) lengths.push_back(static_cast<size_t>(tensor.numel()));
    std::vector<BucketPlace> places;
    size_t first = 0;
    for (const auto& bucket : buckets) {
      size_t values = 0;
      for (size_t parameter : bucket) values += lengths[parameter];
      places.push_back(BucketPlace{first, values, bucket});
      first += values;
    }
    auto owner = std::make_unique<OwnedReducer>();
    owner->sums = std::make_shared<Sums>(backend, program, scale, std::move(places), std::move(lengths));
    owner->reducer = reducer_of(*as_group(group), tensors, buckets, first_bucket_bytes, bucket_bytes);
    owner->reducer->register_comm_hook(std::make_unique<TreeHook>(owner->sums.get()));
    *reducer = owner.release();
  });
}

char* tree_reducer_begin_pass(void* reducer, float* const* gradients, uint32_t merges, int last,
                              int (*spare_time)(void* context), void* context) {
  return guarded([=] {
    as_reducer(reducer)->sums->begin_pass(gradients, merges, last != 0, [=] { return spare_time(context) != 0; });
  });
}

char* tree_reducer_end_pass(void* reducer, double* adding, double* waiting) {
  return guarded([=] { as_reducer(reducer)->sums->end_pass(adding, waiting); });
}

char* reducer_prepare_forward(void* reducer) {
  return guarded([=] { as_reducer(reducer)->reducer->prepare_for_forward(); });
}

char* reducer_prepare_backward(void* reducer) {
  return guarded([=] { as_reducer(reducer)->reducer->prepare_for_backward({}); });
}

char* reducer_free(void* reducer) {
  return guarded([=] {
    std::unique_ptr<OwnedReducer> owner(as_reducer(reducer));
    owner->reducer->remove_autograd_hooks();
  });
}

}  // extern "C"
