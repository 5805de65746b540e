#include "ops/cuda_kv_inject.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/cuda/kv_inject.h"
#include "ops/signatures.h"
#include "pool/cuda/cuda_kv_load.h"
#include "pool/sequence_step.h"
#include "pool/stored_chunk.h"

namespace cacheblend {

namespace {

using namespace kv_inject;

cuda::Capture CaptureOf(const KvSequence& sequence, int layer) {
  const KvSequence::Injection& capture = sequence.capture();
  if (capture.chunk == nullptr) return {};
  return {capture.first, capture.end(), capture.chunk->Rows(layer, false, 0),
          capture.chunk->Rows(layer, true, 0)};
}

// Makes compute wait for the loads on the side stream, and has them measure the wait.
void JoinLoads(const SequenceLease& sequences, std::vector<std::unique_ptr<CudaKvLoad>> loads,
               cudaStream_t compute) {
  const auto last =
      std::find_if(loads.rbegin(), loads.rend(), [](const auto& load) { return load != nullptr; });
  if (last == loads.rend()) return;
  const auto ready = std::make_shared<const CudaEvent>(compute);
  (*last)->Join(compute);  // the loads run one after the other
  for (size_t s = 0; s < loads.size(); ++s) {
    if (loads[s] == nullptr) continue;
    loads[s]->ComputeReady(ready);
    sequences[s].AddKvLoad(std::move(loads[s]));
  }
}

}  // namespace

CudaKvInject::CudaKvInject(const Ort::ConstKernelInfo& info, ElementType type)
    : layer_(LayerKv::FromAttributes(info)),
      type_(type),
      num_heads_(IntAttribute(info, "num_heads", 1)),
      q_offset_(IntAttribute(info, "q_offset", 0)),
      k_offset_(IntAttribute(info, "k_offset", 0)),
      v_offset_(IntAttribute(info, "v_offset", 0)) {}

OrtStatusPtr CudaKvInject::ComputeV2(OrtKernelContext* context) {
  return ToStatus("KvInject", [&] { Compute(Ort::KernelContext(context)); });
}

// A step begins in the op that has the rows in host memory: ChooseRows, or without it the first
// layer. They are checked here, before anything is written.
void CudaKvInject::BeginSteps(const Ort::KernelContext& context, const CudaStepRows& step,
                              const SequenceLease& sequences, int64_t position_count) const {
  if (!IsGiven(context, kStepPositions) || !IsGiven(context, kStepRowOffsets)) return;
  ShapeTable table;
  const StepRows rows =
      StepRows::FromInputs(context, kStepPositions, kStepRowOffsets, kSequences, table);
  if (rows.num_rows != step.num_rows) {
    throw std::invalid_argument(
        Text("step_positions: ", rows.num_rows, " rows, but positions has ", step.num_rows));
  }
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    const int64_t begin = rows.row_offsets[s];
    BeginStep(sequences[s], layer_.layer, rows.positions + begin, rows.row_offsets[s + 1] - begin,
              position_count);
  }
}

void CudaKvInject::Fill(const KvSequence& sequence, const LayerFill& fill,
                        const cuda::RotationTables& tables, const cuda::PagedKv& kv,
                        cudaStream_t stream) const {
  if (fill.empty()) return;
  cuda::InjectCached({InjectionsOf(sequence), layer_.layer, fill.from, fill.to, fill.zeros_from,
                      tables, kv, static_cast<const int32_t*>(sequence.block_table())},
                     stream);
}

void CudaKvInject::Compute(const Ort::KernelContext& context) {
  const DeviceTensor q = DeviceInput(context, kQ), k = DeviceInput(context, kK);
  const DeviceTensor v = DeviceInput(context, kV);
  const auto cos = Input<float>(context, kCos), sin = Input<float>(context, kSin);
  const int64_t q_size = int64_t{num_heads_} * layer_.head_size;
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, table);
  const int64_t* query_rows = nullptr;
  if (IsGiven(context, kQueryRows)) {
    const auto rows = Input<int64_t>(context, kQueryRows);
    table.Check("query_rows", rows.shape, {"R'"});
    query_rows = rows.data;
  }
  table.Check("q", q.shape, {query_rows == nullptr ? "R" : "R'", Dim::AtLeast(q_offset_ + q_size)});
  table.Check("k", k.shape, {"R", Dim::AtLeast(k_offset_ + layer_.RowSize())});
  table.Check("v", v.shape, {"R", Dim::AtLeast(v_offset_ + layer_.RowSize())});
  table.Check("cos", cos.shape, {"P", layer_.head_size / 2});
  table.Check("sin", sin.shape, {"P", layer_.head_size / 2});

  const SequenceLease sequences = step.Lease(layer_, type_);
  BeginSteps(context, step, sequences, table["P"]);
  CheckRowCount(sequences, &SequenceStep::fresh_row_count, step.num_rows);
  std::vector<LayerFill> fills;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    if (sequences[s].step().end > table["P"]) {
      throw std::invalid_argument(Text("positions: ", sequences[s].step().end - 1, " in sequence ",
                                       step.handles[s], ", the rotation tables hold ", table["P"]));
    }
    fills.push_back(PlanFill(sequences[s], layer_.layer));
  }

  cuda::WriteFreshParams params{};
  params.q = RowsFrom(q, q_offset_, type_);
  params.k = RowsFrom(k, k_offset_, type_);
  params.v = RowsFrom(v, v_offset_, type_);
  params.positions = step.positions;
  params.row_offsets = step.row_offsets;
  params.query_rows = query_rows;
  params.tables = {cos.data, sin.data, table["P"]};
  params.kv = LayerOf(sequences, layer_, type_);
  params.block_tables = BlockTablesOf(sequences);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    params.captures[s] = CaptureOf(sequences[s], layer_.layer);
  }
  params.num_rows = step.num_rows;
  params.num_query_rows = q.shape[0];
  params.num_sequences = static_cast<int>(step.num_sequences);
  params.num_heads = num_heads_;
  params.q_out = DeviceOutput(context, 0, {q.shape[0], q_size});
  const cudaStream_t stream = StreamOf(context);
  // Before the fresh rows, which replace what is filled at their positions.
  const auto side = side_.Of(stream);
  std::vector<std::unique_ptr<CudaKvLoad>> loads(step.num_sequences);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    if (fills[s].injected_row_count == 0) {
      Fill(sequences[s], fills[s], params.tables, params.kv, stream);
      continue;
    }
    loads[s] = std::make_unique<CudaKvLoad>(side->stream());
    Fill(sequences[s], fills[s], params.tables, params.kv, side->stream());
    loads[s]->Stop();
  }
  JoinLoads(sequences, std::move(loads), stream);
  cuda::WriteFresh(params, stream);
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    CommitFill(sequences[s], layer_.layer, fills[s]);
  }
}

OrtStatusPtr CudaKvInjectOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                            void** kernel) const {
  return ToStatus(GetName(),
                  [&] { *kernel = new CudaKvInject(Ort::ConstKernelInfo(info), type_); });
}

OrtMemType CudaKvInjectOp::GetInputMemoryType(size_t index) const {
  const bool on_host = index == kSequences || index >= kStepPositions;
  return on_host ? OrtMemTypeCPUInput : OrtMemTypeDefault;
}

}  // namespace cacheblend
