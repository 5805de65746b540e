#include "kernels/cuda/matmul.h"

#include <algorithm>
#include <mutex>
#include <tuple>

#include "kernels/cuda/check.h"
#include "kernels/cuda/cublas_lt.h"
#include "kernels/lru_map.h"
#include "kernels/row_bucket.h"

namespace cacheblend::cuda {

namespace {

using namespace cublas_lt;

// The workspace size of cuBLAS handles on compute capability 9.0.
constexpr uint64_t kWorkspaceBytes = 32 << 20;
// Six products of a model in all 640 buckets up to 16,384 rows.
constexpr size_t kMaxPlans = 4096;

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
    const Plan& plan = PlanOf(p);
    if (p.bias != nullptr) Set(plan, kBiasPointer, p.bias);
    SetColumns(plan.x, p.num_rows);
    SetColumns(plan.y, p.num_rows);
    const float one = 1, beta = p.residual == nullptr ? 0 : 1;
    const void* const added = p.residual == nullptr ? p.y : p.residual;
    Expect(library_.multiply(handle_, plan.matmul.get(), &one, p.weight, plan.weight.get(), p.x,
                             plan.x.get(), &beta, added, plan.y.get(), p.y, plan.y.get(),
                             &plan.algorithm, workspace_, kWorkspaceBytes, stream),
           "cublasLtMatmul");
  }

  size_t plan_count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return plans_.size();
  }

 private:
  using Key = std::tuple<int64_t, int64_t, int64_t, ElementType, bool, bool, uint32_t>;

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

  const Plan& PlanOf(const MatmulParams& p) {
    const int64_t rows = RowBucket(p.num_rows);
    const Key key{rows,        p.in_size,         p.out_size,
                  p.type,      p.bias == nullptr, p.residual == nullptr,
                  Alignment(p)};
    if (const auto* known = plans_.Find(key)) return **known;
    return *plans_.Insert(key, NewPlan(p, rows));
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
    plan->algorithm = Choose(*plan, p);
    return plan;
  }

  // First result of the heuristic, for the row count of the bucket.
  Algorithm Choose(const Plan& plan, const MatmulParams& p) const {
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
    Heuristic found;
    int count = 0;
    const int status =
        library_.heuristic(handle_, plan.matmul.get(), plan.weight.get(), plan.x.get(),
                           plan.y.get(), plan.y.get(), preference.get(), 1, &found, &count);
    if (status != 0 || count == 0) {
      throw MatmulError("cuBLASLt has no algorithm for [" + std::to_string(p.num_rows) + ", " +
                        std::to_string(p.in_size) + "] x [" + std::to_string(p.out_size) + ", " +
                        std::to_string(p.in_size) + "]^T (status " + std::to_string(status) + ")");
    }
    return found.algorithm;
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
