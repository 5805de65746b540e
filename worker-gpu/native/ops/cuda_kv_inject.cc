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

cuda::Capture CaptureOf(const KvSequence& sequence) {
  const KvSequence::Injection& capture = sequence.capture();
  if (capture.chunk == nullptr) return {};
  return {capture.first, capture.end(), capture.chunk->Rows(0, false, 0)};
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
void CudaKvInject::BeginSteps(const Ort::KernelContext& context, const SequenceLease& sequences,
                              int64_t num_rows, int64_t position_count) const {
  if (!IsGiven(context, kStepPositions) || !IsGiven(context, kStepRowOffsets)) return;
  ShapeTable table;
  const StepRows rows =
      StepRows::FromInputs(context, kStepPositions, kStepRowOffsets, kSequences, layer_, table);
  if (rows.num_rows != num_rows) {
    throw std::invalid_argument(
        Text("step_positions: ", rows.num_rows, " rows, but positions has ", num_rows));
  }
  for (int64_t s = 0; s < sequences.size(); ++s) {
    const int64_t begin = rows.row_offsets[s];
    BeginStep(sequences[s], layer_.layer, rows.positions + begin, rows.row_offsets[s + 1] - begin,
              position_count);
  }
}

void CudaKvInject::Fill(const SequenceLease& sequences, const std::vector<LayerFill>& fills,
                        const cuda::WriteFreshParams& step, cudaStream_t stream) {
  std::vector<cuda::InjectCachedParams::Fill> cached, zeros;
  int64_t injected_row_count = 0;
  for (int64_t s = 0; s < sequences.size(); ++s) {
    const LayerFill& fill = fills[s];
    injected_row_count += fill.injected_row_count;
    if (fill.empty()) continue;
    (fill.injected_row_count > 0 ? cached : zeros)
        .push_back({InjectionsOf(sequences[s]), fill.from, fill.to, fill.zeros_from,
                    static_cast<cuda::BlockTable>(sequences[s].block_table())});
  }
  const auto inject = [&](const std::vector<cuda::InjectCachedParams::Fill>& some,
                          cudaStream_t on) {
    const cuda::InjectCachedParams params{some.data(), static_cast<int64_t>(some.size()),
                                          layer_.layer, step.tables, step.kv};
    cuda::InjectCached(params, *tables_.Of(on), on);
  };
  if (!zeros.empty()) inject(zeros, stream);
  if (cached.empty()) return;
  const auto side = side_.Of(stream);
  const auto load = std::make_shared<CudaKvLoad>(side->stream());
  // Before the host waits for chunks that are read from storage: the device has nothing to compute
  // then.
  load->ComputeReady(std::make_shared<const CudaEvent>(stream));
  for (int64_t s = 0; s < sequences.size(); ++s) {
    if (fills[s].injected_row_count == 0) continue;
    for (const auto& fence : AwaitChunks(sequences[s], layer_.layer, fills[s].from, fills[s].to)) {
      static_cast<const CudaEvent&>(*fence).Join(side->stream());
    }
  }
  inject(cached, side->stream());
  load->Stop();
  load->Join(stream);
  for (int64_t s = 0; s < sequences.size(); ++s) {
    if (fills[s].injected_row_count == 0) continue;
    const double share =
        static_cast<double>(fills[s].injected_row_count) / static_cast<double>(injected_row_count);
    sequences[s].AddKvLoad(std::make_unique<CudaKvLoadShare>(load, share));
  }
}

void CudaKvInject::Compute(const Ort::KernelContext& context) {
  const DeviceTensor q = DeviceInput(context, kQ), k = DeviceInput(context, kK);
  const DeviceTensor v = DeviceInput(context, kV);
  const auto cos = Input<float>(context, kCos), sin = Input<float>(context, kSin);
  const int64_t q_size = int64_t{num_heads_} * layer_.head_size;
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
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

  const int64_t num_rows = step.RowCount(table);
  void* const q_out = DeviceOutput(context, 0, {q.shape[0], q_size});
  const SequenceLease sequences = step.Lease(type_);
  if (sequences.size() == 0) return;
  BeginSteps(context, sequences, num_rows, table["P"]);
  CheckRowCount(sequences, &SequenceStep::fresh_row_count, num_rows);
  std::vector<LayerFill> fills;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    if (sequences[s].step().end > table["P"]) {
      throw std::invalid_argument(Text("positions: ", sequences[s].step().end - 1, " in sequence ",
                                       sequences[s].handle(), ", the rotation tables hold ",
                                       table["P"]));
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
  const std::vector<cuda::BlockTable> block_tables = BlockTablesOf(sequences);
  std::vector<cuda::Capture> captures;
  bool any_captures = false;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    captures.push_back(CaptureOf(sequences[s]));
    any_captures = any_captures || captures.back().chunk != nullptr;
  }
  params.block_tables = block_tables.data();
  params.captures = any_captures ? captures.data() : nullptr;
  params.layer = layer_.layer;
  params.num_rows = num_rows;
  params.num_query_rows = q.shape[0];
  params.num_sequences = static_cast<int>(step.num_sequences);
  params.num_heads = num_heads_;
  params.q_out = q_out;
  const cudaStream_t stream = StreamOf(context);
  Fill(sequences, fills, params, stream);
  cuda::WriteFresh(params, *tables_.Of(stream), stream);
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
