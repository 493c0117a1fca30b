// The canonical reducer as a backend of c10d.
#pragma once
#include "mesh.h"
#include "tree_reduction.h"

#include <torch/csrc/distributed/c10d/Backend.hpp>

namespace canonical {

// Connections to each peer, with a thread for each: one alone would copy what it receives while it could send.
constexpr int kLanes = 2;

class CanonicalBackend final : public c10d::Backend {
 public:
  // `sum_of_ranks` is the program of `allreduce`: one contribution of each rank.
  CanonicalBackend(int rank, std::vector<Lane> lanes, Patience patience, std::shared_ptr<StopSwitch> stop,
                   Program sum_of_ranks);

  const std::string getBackendName() const override { return "canonical"; }
  // Every rank computes the same bits whatever arrives first. Sums and means of float32 in one tensor.
  c10::intrusive_ptr<c10d::Work> allreduce(std::vector<at::Tensor>& tensors,
                                           const c10d::AllreduceOptions& options) override;
  c10::intrusive_ptr<c10d::Work> broadcast(std::vector<at::Tensor>& tensors,
                                           const c10d::BroadcastOptions& options) override;
  c10::intrusive_ptr<c10d::Work> allgather(std::vector<std::vector<at::Tensor>>& outputs,
                                           std::vector<at::Tensor>& inputs,
                                           const c10d::AllgatherOptions& options) override;
  c10::intrusive_ptr<c10d::Work> barrier(const c10d::BarrierOptions& options) override;

  // Starts to reduce `own`, this rank's contributions of `values` values each, by `program` into `result`, which may be one of
  // them. The contributions must stay as they are until the future is completed, with `value`; they and the result lie in
  // memory that the tensors `kept` keep.
  c10::intrusive_ptr<c10::ivalue::Future> reduce(std::shared_ptr<const Program> program,
                                                 std::vector<const float*> own, float* result, size_t values,
                                                 std::vector<at::Tensor> kept, at::Tensor value, float scale);

  // How long the thread of the connections has added so far.
  Clock::duration adding() const { return Clock::duration(adding_->load()); }

  // What broke the group; empty where it works.
  std::string failure();

 private:
  // Large tensors are reduced in as many parts at a time; everything else goes by the first.
  std::vector<std::unique_ptr<Mesh>> lanes_;
  std::shared_ptr<Scratch> scratch_;
  std::shared_ptr<Adding> adding_;
  std::shared_ptr<const Program> sum_of_ranks_;
};

}  // namespace canonical
