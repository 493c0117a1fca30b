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

// Where a bucket's values lie among all values in the order of the buckets.
struct BucketPlace {
  size_t first;
  size_t values;
};

// Sums of one rank's virtual ranks. Complete subtrees lie on a stack, as flat gradients in the order of the buckets; each
// pass adds a leaf, and merges it with what lies on top as often as the tree says. Whatever an operation in progress reads or
// writes is a tensor that it keeps.
class Sums {
 public:
  Sums(c10::intrusive_ptr<canonical::CanonicalBackend> backend, std::shared_ptr<const canonical::Program> program,
       float scale, std::vector<BucketPlace> buckets)
      : backend_(std::move(backend)), program_(std::move(program)), scale_(scale), buckets_(std::move(buckets)) {}

  void begin_pass(Tensor leaf, Tensor mean, uint32_t merges, std::function<bool()> spare_time) {
    if (last_) stack_.clear();
    if (merges > stack_.size()) throw std::runtime_error("a pass merges more sums than there are");
    last_ = mean.defined();
    if (last_ && leaf.defined()) throw std::runtime_error("the last virtual rank's gradient stays in its buckets");
    check(leaf, "a virtual rank's gradient");
    check(mean, "the mean gradient");
    leaf_ = std::move(leaf);
    mean_ = std::move(mean);
    merges_ = merges;
    target_ = stack_.size() - merges;
    spare_time_ = std::move(spare_time);
    adding_ = Clock::duration::zero();
    // where the leaf, and each sum with those before it, is written: nowhere for a leaf that stays where it is
    size_t written = merges > 0 ? stack_.size() : last_ || leaf_.defined() ? target_ : target_ + 1;
    while (own_.size() < written) own_.push_back(at::empty({values()}, at::kFloat));
  }

  void end_pass(double* adding, double* waiting) {
    if (merges_ > 0 || !last_) {
      stack_.resize(target_);
      stack_.push_back(merges_ == 0 && leaf_.defined() ? leaf_ : own_[target_]);
    }
    leaf_ = mean_ = Tensor();
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
    auto at = [&](const Tensor& gradient) { return gradient.mutable_data_ptr<float>() + place.first; };
    if (leaf_.defined()) std::copy(leaf, leaf + place.values, at(leaf_));
    const float* sum = leaf;
    if (merges_ > 0) {
      // left before right: the leaf joins the sum on top, that sum the one below it, and so on
      for (size_t level = target_ + merges_; level-- > target_;) {
        canonical::add(at(stack_[level]), sum, at(own_[level]), place.values);
        sum = at(own_[level]);
      }
    } else if (!last_ && !leaf_.defined()) {
      std::copy(leaf, leaf + place.values, at(own_[target_]));
    }
    adding_ += Clock::now() - begun;
    if (!last_) {
      auto future = c10::make_intrusive<Future>(c10::TensorType::get());
      future->markCompleted(bucket);
      return future;
    }
    std::vector<Tensor> kept(stack_.begin(), stack_.begin() + static_cast<ptrdiff_t>(target_));
    std::vector<const float*> own;
    for (const Tensor& gradient : kept) own.push_back(at(gradient));
    own.push_back(sum);
    kept.push_back(merges_ > 0 ? own_[target_] : bucket);
    kept.push_back(mean_);
    // the bucket itself is the result as far as the reducer is concerned: it has nothing to copy then
    auto future = backend_->reduce(program_, std::move(own), at(mean_), place.values, std::move(kept), bucket, scale_);
    added_before_ = backend_->adding();
    handed_over_ = Clock::now();
    if (index + 1 == buckets_.size()) {
      while (!future->completed() && spare_time_()) {
      }
    }
    return future;
  }

 private:
  int64_t values() const {
    return buckets_.empty() ? 0 : static_cast<int64_t>(buckets_.back().first + buckets_.back().values);
  }

  void check(const Tensor& gradient, const char* what) const {
    if (!gradient.defined()) return;
    if (gradient.scalar_type() != at::kFloat || !gradient.is_contiguous() || !gradient.device().is_cpu() ||
        gradient.numel() != values()) {
      throw std::runtime_error(std::string(what) + " has another layout than its parameters");
    }
  }

  c10::intrusive_ptr<canonical::CanonicalBackend> backend_;
  std::shared_ptr<const canonical::Program> program_;
  float scale_;
  std::vector<BucketPlace> buckets_;
  // Where the sum of each level lies, and memory for sums, by level.
  std::vector<Tensor> stack_;
  std::vector<Tensor> own_;
  // The pass in progress, or the last one.
  Tensor leaf_;
  Tensor mean_;
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
                       size_t* places, void** reducer) {
  return guarded([=] {
    auto backend = as_group(group)->canonical;
    if (!backend) throw std::runtime_error("only a canonical group sums along a tree");
    auto program = std::make_shared<canonical::Program>();
    program->contributions.assign(contributions, contributions + backend->getSize());
    program->postfix.assign(postfix, postfix + postfix_length);
    program->check();
    auto tensors = as_tensors(parameters, count);
    auto buckets = assign_buckets(tensors, first_bucket_bytes, bucket_bytes);
    std::vector<BucketPlace> bucket_places;
    size_t first = 0;
    for (const auto& bucket : buckets) {
      size_t bucket_first = first;
      for (size_t parameter : bucket) {
        places[parameter] = first;
        first += static_cast<size_t>(tensors[parameter].numel());
      }
      bucket_places.push_back(BucketPlace{bucket_first, first - bucket_first});
    }
    auto owner = std::make_unique<OwnedReducer>();
    owner->sums = std::make_shared<Sums>(backend, program, scale, std::move(bucket_places));
    owner->reducer = reducer_of(*as_group(group), tensors, buckets, first_bucket_bytes, bucket_bytes);
    owner->reducer->register_comm_hook(std::make_unique<TreeHook>(owner->sums.get()));
    *reducer = owner.release();
  });
}

char* tree_reducer_begin_pass(void* reducer, void* leaf, void* mean, uint32_t merges, int (*spare_time)(void* context),
                              void* context) {
  return guarded([=] {
    auto tensor = [](void* given) { return given ? as_tensor(given) : Tensor(); };
    as_reducer(reducer)->sums->begin_pass(tensor(leaf), tensor(mean), merges, [=] { return spare_time(context) != 0; });
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
