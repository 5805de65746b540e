#include "ops/cuda_partial_attention.h"

#include <algorithm>
#include <memory>

#include "kernels/cuda/probe_attention.h"
#include "ops/partial_attention.h"
#include "pool/cuda/cuda_event.h"
#include "pool/kv_pool.h"

namespace cacheblend {

using namespace partial_attention;

CudaPartialAttention::CudaPartialAttention(const Ort::ConstKernelInfo& info, ElementType type)
    : layer_(LayerKv::FromAttributes(info)),
      type_(type),
      num_heads_(HeadsAttribute(info, layer_)),
      window_(IntAttribute(info, "window", 0)),
      scale_(ScaleAttribute(info, layer_.head_size)),
      soft_cap_(SoftCapAttribute(info)) {
  const char* unsupported = cuda::UnsupportedHeadSize(type, layer_.head_size);
  if (unsupported != nullptr) {
    throw std::invalid_argument(
        Text("attribute head_size is ", layer_.head_size, " on a CUDA device: ", unsupported));
  }
}

OrtStatusPtr CudaPartialAttention::ComputeV2(OrtKernelContext* context) {
  return ToStatus("PartialAttention", [&] { Compute(Ort::KernelContext(context)); });
}

namespace {

// The last op of a step that uses the KV of a sequence.
void EndSteps(const SequenceLease& sequences, int layer, cudaStream_t stream) {
  std::shared_ptr<const CudaEvent> end;
  for (int64_t s = 0; s < sequences.size(); ++s) {
    const bool ends = layer + 1 == sequences[s].shape().layer_count;
    if (!ends && !sequences[s].step().EndsIn(layer)) continue;
    if (end == nullptr) end = std::make_shared<const CudaEvent>(stream);
    sequences[s].EndDeviceStep(end);
  }
}

// Rows of the first `count` sequences of the op.
int64_t RowCount(const std::vector<cuda::SequenceRows>& rows, int64_t count, int64_t sequence_count,
                 int64_t num_rows) {
  if (count == sequence_count) return num_rows;
  if (count > 0 && rows.empty()) {
    throw std::invalid_argument(
        "query_counts: is absent, but a probe ends in this layer, and the rows of each sequence are"
        " not known");
  }
  int64_t total = 0;
  for (int64_t s = 0; s < count; ++s) total += rows[s].count;
  return total;
}

}  // namespace

void CudaPartialAttention::Compute(const Ort::KernelContext& context) {
  const DeviceTensor q = DeviceInput(context, kQ);
  ShapeTable table;
  const CudaStepRows step =
      CudaStepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("q", q.shape, {"R", int64_t{num_heads_} * layer_.head_size});
  const int64_t num_rows = step.RowCount(table);
  const SequenceLease sequences = step.Lease(type_);
  int64_t position_end = 0;
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    const int64_t end = sequences[s].step().end;
    if (sequences[s].layer(layer_.layer).covered != end) {
      throw std::invalid_argument(Text("sequences: sequence ", sequences[s].handle(),
                                       " has no KV of this step in layer ", layer_.layer,
                                       "; run KvInject of the layer first"));
    }
    position_end = std::max(position_end, end);
  }
  const std::vector<cuda::SequenceRows> rows = RowsOf(context, sequences, table);
  const int64_t continuing = CountContinuing(sequences, layer_.layer);
  const int64_t out_rows = RowCount(rows, continuing, sequences.size(), num_rows);
  void* const out = DeviceOutput(context, 0, {out_rows, q.shape[1]});
  if (sequences.size() == 0) return;
  cuda::PartialAttentionParams params{};
  params.q = q.data;
  params.positions = step.positions;
  params.row_offsets = step.row_offsets;
  params.kv = LayerOf(sequences, layer_, type_);
  const std::vector<cuda::BlockTable> block_tables = BlockTablesOf(sequences);
  params.block_tables = block_tables.data();
  params.rows = rows.empty() ? nullptr : rows.data();
  params.num_rows = out_rows;
  params.num_sequences = static_cast<int>(continuing);
  params.num_heads = num_heads_;
  params.window = window_;
  params.scale = scale_;
  params.soft_cap = soft_cap_;
  params.position_end = position_end;
  params.out = out;
  const cudaStream_t stream = StreamOf(context);
  const auto tables = tables_.Of(stream);
  params.tables = tables.get();
  const auto workspace = workspace_.Of(stream);
  params.workspace = workspace->Get(cuda::PartialAttentionWorkspaceBytes(layer_.head_size));
  if (continuing > 0) cuda::PartialAttention(params, stream);
  params.num_rows = num_rows;
  params.num_sequences = static_cast<int>(step.num_sequences);
  Probe(ProbingSequences(context, layer_.layer, sequences, table), sequences, params, *workspace,
        stream);
  EndSteps(sequences, layer_.layer, stream);
}

std::vector<cuda::SequenceRows> CudaPartialAttention::RowsOf(const Ort::KernelContext& context,
                                                             const SequenceLease& sequences,
                                                             ShapeTable& table) const {
  const int64_t* query_counts = nullptr;
  if (IsGiven(context, kQueryCounts)) {
    const auto counts = Input<int64_t>(context, kQueryCounts);
    table.Check("query_counts", counts.shape, {"S"});
    query_counts = counts.data;
  }
  std::vector<cuda::SequenceRows> rows;
  int64_t total = 0;
  for (int64_t s = 0; s < sequences.size(); ++s) {
    const SequenceStep& step = sequences[s].step();
    rows.push_back({query_counts != nullptr ? query_counts[s] : step.active_row_count,
                    step.last_position + 1});
    total += rows.back().count;
  }
  if (total == table["R"]) return rows;
  if (query_counts == nullptr) return {};  // a graph without this input
  throw std::invalid_argument(
      Text("positions: ", table["R"], " rows, expected ", total, ": the sum of query_counts"));
}

void CudaPartialAttention::Probe(const std::vector<int64_t>& probing,
                                 const SequenceLease& sequences,
                                 const cuda::PartialAttentionParams& attention,
                                 CudaWorkspace& workspace, cudaStream_t stream) const {
  if (probing.empty()) return;
  cuda::ProbeAttentionParams params{};
  params.q = attention.q;
  params.positions = attention.positions;
  params.row_offsets = attention.row_offsets;
  params.kv = attention.kv;
  params.block_tables = attention.block_tables;
  params.tables = attention.tables;
  params.num_sequences = attention.num_sequences;
  params.num_heads = num_heads_;
  params.window = window_;
  params.scale = scale_;
  params.soft_cap = soft_cap_;
  std::vector<cuda::ProbeAttentionParams::Probe> probes;
  int64_t query_count = 0;
  for (int64_t s : probing) {
    const AttentionMass& mass = *sequences[s].attention();
    probes.push_back({mass.data(), mass.stride(), static_cast<int>(s),
                      static_cast<int>(mass.key_end()), static_cast<int>(mass.query_count()),
                      static_cast<int>(query_count), mass.Weight(num_heads_)});
    query_count += mass.query_count();
  }
  if (query_count > attention.num_rows) {
    throw std::invalid_argument(Text("positions: ", attention.num_rows,
                                     " rows, but the probes have ", query_count, " query rows"));
  }
  params.probes = probes.data();
  params.num_probes = static_cast<int>(probes.size());
  params.workspace = workspace.Get(cuda::ProbeAttentionWorkspaceBytes(params));
  cuda::ProbeAttention(params, stream);
}

OrtStatusPtr CudaPartialAttentionOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                                    void** kernel) const {
  return ToStatus(GetName(),
                  [&] { *kernel = new CudaPartialAttention(Ort::ConstKernelInfo(info), type_); });
}

}  // namespace cacheblend
