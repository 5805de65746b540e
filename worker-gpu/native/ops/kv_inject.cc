#include "ops/kv_inject.h"

#include <chrono>
#include <vector>

#include "kernels/copy_rows.h"
#include "kernels/kv_write.h"
#include "kernels/rotate_rows.h"
#include "pool/inject_plan.h"

namespace cacheblend {

namespace {

using namespace kv_inject;

// Positions of the query rows, checked against the tables. Query rows need not ascend.
std::vector<int64_t> QueryPositions(const Ort::KernelContext& context, const StepRows& step,
                                    int64_t position_count, ShapeTable& table) {
  std::vector<int64_t> positions;
  if (!IsGiven(context, kQueryRows)) {
    positions.assign(step.positions, step.positions + step.num_rows);
  } else {
    const auto rows = Input<int64_t>(context, kQueryRows);
    table.Check("query_rows", rows.shape, {"R'"});
    for (int64_t i = 0; i < table["R'"]; ++i) {
      if (rows.data[i] < 0 || rows.data[i] >= step.num_rows) {
        throw std::invalid_argument(
            Text("query_rows: ", rows.data[i], ", must be 0 to ", step.num_rows - 1));
      }
      positions.push_back(step.positions[rows.data[i]]);
    }
  }
  const auto q_rows = static_cast<int64_t>(positions.size());
  if (q_rows != table["R'"]) {
    throw std::invalid_argument(
        Text("q: dimension 0 is ", table["R'"], ", expected ", q_rows, " (R, without query_rows)"));
  }
  for (int64_t position : positions) {
    if (position >= 0 && position < position_count) continue;
    throw std::invalid_argument(
        Text("positions: ", position, ", the rotation tables hold ", position_count));
  }
  return positions;
}

}  // namespace

KvInject::KvInject(const Ort::ConstKernelInfo& info)
    : layer_(LayerKv::FromAttributes(info)),
      num_heads_(IntAttribute(info, "num_heads", 1)),
      q_offset_(IntAttribute(info, "q_offset", 0)),
      k_offset_(IntAttribute(info, "k_offset", 0)),
      v_offset_(IntAttribute(info, "v_offset", 0)) {}

OrtStatusPtr KvInject::ComputeV2(OrtKernelContext* context) {
  return ToStatus("KvInject", [&] { Compute(Ort::KernelContext(context)); });
}

void KvInject::Compute(const Ort::KernelContext& context) const {
  const auto q = Input<float>(context, kQ), k = Input<float>(context, kK);
  const auto v = Input<float>(context, kV);
  const auto cos = Input<float>(context, kCos), sin = Input<float>(context, kSin);
  const int64_t q_size = int64_t{num_heads_} * layer_.head_size;
  ShapeTable table;
  const StepRows step =
      StepRows::FromInputs(context, kPositions, kRowOffsets, kSequences, layer_, table);
  table.Check("q", q.shape, {"R'", Dim::AtLeast(q_offset_ + q_size)});
  table.Check("k", k.shape, {"R", Dim::AtLeast(k_offset_ + layer_.RowSize())});
  table.Check("v", v.shape, {"R", Dim::AtLeast(v_offset_ + layer_.RowSize())});
  table.Check("cos", cos.shape, {"P", layer_.head_size / 2});
  table.Check("sin", sin.shape, {"P", layer_.head_size / 2});
  const std::vector<int64_t> q_positions = QueryPositions(context, step, table["P"], table);

  float* out = Output<float>(context, 0, {table["R'"], q_size});
  const SequenceLease sequences = step.Lease();
  if (sequences.size() == 0) return;
  InjectPlan plan(layer_.layer, sequences[0].shape(),
                  {k.data + k_offset_, k.shape[1], v.data + v_offset_, v.shape[1]},
                  {cos.data, sin.data, table["P"]});
  for (int64_t s = 0; s < step.num_sequences; ++s) {
    plan.Add(sequences[s], step.positions, step.row_offsets[s], step.row_offsets[s + 1]);
  }

  const auto threads_for = [&](int64_t rows, int64_t row_size) {
    return ThreadsFor(context, rows * row_size);
  };
  const auto start = std::chrono::steady_clock::now();
  WriteKv({plan.rows().data(), plan.blocks().data(), static_cast<int64_t>(plan.blocks().size()),
           layer_.num_kv_heads, layer_.head_size},
          threads_for(plan.rows().size(), layer_.RowSize()));
  const std::chrono::nanoseconds write_time = std::chrono::steady_clock::now() - start;
  CopyRows(plan.captures().data(), plan.captures().size(), layer_.RowSize(),
           threads_for(plan.captures().size(), layer_.RowSize()));
  RotateRows({q.data + q_offset_, q.shape[1], q_positions.data(), cos.data, sin.data, table["R'"],
              num_heads_, layer_.head_size, out},
             threads_for(table["R'"], q_size));
  plan.Commit(write_time.count());
}

OrtStatusPtr KvInjectOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                        void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new KvInject(Ort::ConstKernelInfo(info)); });
}

}  // namespace cacheblend
