#include "kernels/cuda/matmul.h"

#include <algorithm>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/cuda/cublas_lt.h"
#include "kernels/cuda/matmul_timer.h"
#include "kernels/lru_map.h"
#include "kernels/row_bucket.h"

namespace cacheblend::cuda {

namespace {

using namespace cublas_lt;

// The workspace size of cuBLAS handles on compute capability 9.0.
constexpr uint64_t kWorkspaceBytes = 32 << 20;
// Six products of a model in all 640 buckets up to 16,384 rows.
constexpr size_t kMaxPlans = 4096;

// Products of few rows with large weights are bound by reading the weights. For them the first
// algorithm of the heuristic is up to 15 % slower than the best one (matmul_algorithms_bench), so
// algorithms are timed, once for each shape, in buckets of rows. One is preferred to the first if
// it is faster by more than measurements vary, so that roundings are the same in every process.
constexpr int64_t kTimedRows = 128, kTimedStep = 8, kTimedWeightBytes = 8 << 20;
constexpr int kTimedAlgorithms = 6;  // of each answer of the heuristic
constexpr double kMinGain = 0.03;

void Expect(int status, const char* what) {
  if (status != 0) {
    throw MatmulError(std::string("cuBLASLt: ") + what + " returned status " +
                      std::to_string(status));
  }
}

cudaDataType CudaType(ElementType type) {
  if (type == ElementType::kFloat16) return CUDA_R_16F;
  if (type == ElementType::kBFloat16) return CUDA_R_16BF;
  throw std::invalid_argument("element type must be fp16 or bf16");
}

bool IsTimed(const MatmulParams& p) {
  return p.num_rows > 1 && p.num_rows <= kTimedRows &&
         p.in_size * p.out_size * ElementBytes(p.type) >= kTimedWeightBytes;
}

// Rows for which an algorithm is chosen.
int64_t BucketOf(const MatmulParams& p) {
  if (!IsTimed(p)) return RowBucket(p.num_rows);
  return (p.num_rows + kTimedStep - 1) / kTimedStep * kTimedStep;
}

// Largest power of two up to 256 that divides all addresses.
uint32_t Alignment(const MatmulParams& p) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(p.x) | reinterpret_cast<uintptr_t>(p.weight) |
                         reinterpret_cast<uintptr_t>(p.residual) | reinterpret_cast<uintptr_t>(p.y);
  uint32_t alignment = 256;
  while (bits % alignment != 0) alignment /= 2;
  return alignment;
}

// Owner of a descriptor.
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  ~Owned() {
    if (descriptor_ != nullptr) destroy_(descriptor_);
  }
  template <typename Create>
  void Make(int (*destroy)(Descriptor), const char* what, const Create& create) {
    Expect(create(&descriptor_), what);
    destroy_ = destroy;
  }
  Descriptor get() const { return descriptor_; }

 private:
  Descriptor descriptor_ = nullptr;
  int (*destroy_)(Descriptor) = nullptr;
};

// Descriptors and algorithm of the products of a row bucket. cuBLASLt is column-major and computes
// y^T = weight * x^T: rows of x and y are columns of their layouts.
struct Plan {
  Owned matmul, weight, x, y;
  Algorithm algorithm;
};

}  // namespace

class Matmul::Impl {
 public:
  Impl() : library_(LoadedLibrary()) {
    Check(cudaMalloc(&workspace_, kWorkspaceBytes), "cuBLASLt workspace");
    const int status = library_.create(&handle_);
    if (status != 0) cudaFree(workspace_);
    Expect(status, "cublasLtCreate");
  }
  ~Impl() {
    plans_.Clear();
    library_.destroy(handle_);
    cudaFree(workspace_);
  }

  void Multiply(const MatmulParams& p, cudaStream_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Plan& plan = PlanOf(p, stream);
    if (p.bias != nullptr) Set(plan, kBiasPointer, p.bias);
    SetColumns(plan.x, p.num_rows);
    SetColumns(plan.y, p.num_rows);
    Enqueue(plan, plan.algorithm, p, stream);
  }

  size_t plan_count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return plans_.size();
  }

 private:
  using Key = std::tuple<int64_t, int64_t, int64_t, ElementType, bool, bool, uint32_t>;

  void Enqueue(const Plan& plan, const Algorithm& algorithm, const MatmulParams& p,
               cudaStream_t stream) const {
    const float one = 1, beta = p.residual == nullptr ? 0 : 1;
    const void* const added = p.residual == nullptr ? p.y : p.residual;
    Expect(library_.multiply(handle_, plan.matmul.get(), &one, p.weight, plan.weight.get(), p.x,
                             plan.x.get(), &beta, added, plan.y.get(), p.y, plan.y.get(),
                             &algorithm, workspace_, kWorkspaceBytes, stream),
           "cublasLtMatmul");
  }

  template <typename T>
  void Set(const Plan& plan, int attribute, const T& value) const {
    Expect(library_.matmul_set(plan.matmul.get(), attribute, &value, sizeof value),
           "cublasLtMatmulDescSetAttribute");
  }

  void SetColumns(const Owned& matrix, int64_t count) const {
    const auto value = static_cast<uint64_t>(count);
    Expect(library_.matrix_set(matrix.get(), kColumns, &value, sizeof value),
           "cublasLtMatrixLayoutSetAttribute");
  }

  static Key KeyOf(const MatmulParams& p, int64_t rows) {
    return {rows,        p.in_size, p.out_size, p.type, p.bias == nullptr, p.residual == nullptr,
            Alignment(p)};
  }

  const Plan& PlanOf(const MatmulParams& p, cudaStream_t stream) {
    const Key key = KeyOf(p, BucketOf(p));
    if (const auto* known = plans_.Find(key)) return **known;
    if (IsTimed(p)) {
      AddTimedPlans(p, stream);
      return **plans_.Find(key);
    }
    auto plan = NewPlan(p, std::get<0>(key));
    plan->algorithm = Candidates(*plan, p, 1)[0];
    return *plans_.Insert(key, std::move(plan));
  }

  // Of all buckets, so that the first steps of a process time everything.
  void AddTimedPlans(const MatmulParams& p, cudaStream_t stream) {
    MatmulTimer timer(p, kTimedRows, stream);
    for (int64_t rows = kTimedStep; rows <= kTimedRows; rows += kTimedStep) {
      if (plans_.Find(KeyOf(p, rows)) != nullptr) continue;
      auto plan = NewPlan(p, rows);
      plan->algorithm = Fastest(*plan, p, rows, timer, stream);
      plans_.Insert(KeyOf(p, rows), std::move(plan));
    }
  }

  // The answers of the heuristic for this and for the next bucket, whose algorithms can be faster.
  Algorithm Fastest(const Plan& plan, const MatmulParams& p, int64_t rows, MatmulTimer& timer,
                    cudaStream_t stream) const {
    std::vector<Algorithm> candidates = Candidates(plan, p, kTimedAlgorithms);
    if (!timer.can_time()) return candidates[0];
    for (const Algorithm& more : Candidates(*NewPlan(p, rows + kTimedStep), p, kTimedAlgorithms)) {
      candidates.push_back(more);
    }
    MatmulParams timed = timer.Params(p);
    timed.num_rows = rows;
    size_t best = 0;
    double first_seconds = 0, best_seconds = 0;
    for (size_t i = 0; i < candidates.size(); ++i) {
      const double seconds =
          timer.Seconds([&] { Enqueue(plan, candidates[i], timed, stream); }, stream);
      if (i == 0) first_seconds = best_seconds = seconds;
      if (seconds >= best_seconds) continue;
      best = i;
      best_seconds = seconds;
    }
    return candidates[best_seconds < (1 - kMinGain) * first_seconds ? best : 0];
  }

  void MakeMatrix(Owned& matrix, ElementType type, int64_t rows, int64_t columns) const {
    matrix.Make(library_.matrix_destroy, "cublasLtMatrixLayoutCreate", [&](Descriptor* to) {
      return library_.matrix_create(to, CudaType(type), rows, columns, rows);
    });
  }

  std::unique_ptr<Plan> NewPlan(const MatmulParams& p, int64_t rows) const {
    auto plan = std::make_unique<Plan>();
    plan->matmul.Make(library_.matmul_destroy, "cublasLtMatmulDescCreate", [&](Descriptor* to) {
      return library_.matmul_create(to, kComputeFloat32, CUDA_R_32F);
    });
    Set(*plan, kTransposeA, int32_t{kTransposed});
    if (p.bias != nullptr) {
      Set(*plan, kEpilogue, int32_t{kEpilogueBias});
      Set(*plan, kBiasPointer, p.bias);
    }
    MakeMatrix(plan->weight, p.type, p.in_size, p.out_size);
    MakeMatrix(plan->x, p.type, p.in_size, rows);
    MakeMatrix(plan->y, p.type, p.out_size, rows);
    return plan;
  }

  // At most `max_count` results of the heuristic, the best guess first, for the plan's rows.
  std::vector<Algorithm> Candidates(const Plan& plan, const MatmulParams& p, int max_count) const {
    Owned preference;
    preference.Make(library_.preference_destroy, "cublasLtMatmulPreferenceCreate",
                    library_.preference_create);
    const auto prefer = [&](int attribute, const auto& value) {
      Expect(library_.preference_set(preference.get(), attribute, &value, sizeof value),
             "cublasLtMatmulPreferenceSetAttribute");
    };
    prefer(kMaxWorkspaceBytes, kWorkspaceBytes);
    // Of A, B, C and D.
    for (int matrix = 0; matrix < 4; ++matrix) prefer(kMinAlignmentA + matrix, Alignment(p));
    std::vector<Heuristic> found(max_count);
    int count = 0;
    const int status = library_.heuristic(handle_, plan.matmul.get(), plan.weight.get(),
                                          plan.x.get(), plan.y.get(), plan.y.get(),
                                          preference.get(), max_count, found.data(), &count);
    std::vector<Algorithm> algorithms;
    for (int i = 0; status == 0 && i < count; ++i) {
      if (found[i].status == 0) algorithms.push_back(found[i].algorithm);
    }
    if (algorithms.empty()) {
      throw MatmulError("cuBLASLt has no algorithm for [" + std::to_string(p.num_rows) + ", " +
                        std::to_string(p.in_size) + "] x [" + std::to_string(p.out_size) + ", " +
                        std::to_string(p.in_size) + "]^T (status " + std::to_string(status) + ")");
    }
    return algorithms;
  }

  const Library& library_;
  Handle handle_ = nullptr;
  void* workspace_ = nullptr;
  std::mutex mutex_;
  LruMap<Key, std::unique_ptr<Plan>> plans_{kMaxPlans};
};

Matmul::Matmul() : impl_(std::make_unique<Impl>()) {}
Matmul::~Matmul() = default;

void Matmul::Multiply(const MatmulParams& params, cudaStream_t stream) {
  impl_->Multiply(params, stream);
}

size_t Matmul::plan_count() const { return impl_->plan_count(); }

}  // namespace cacheblend::cuda
